import { expect, test } from 'vitest';
import { startTestMetrics } from '../../support/metrics.ts';

/** More than are kept until they are handed over. */
const MANY = 2500;

test('every value is in its series and its bucket, however many there are between two collections', async () => {
  const { metrics, scrape } = await startTestMetrics();
  for (let n = 0; n < MANY; n++)
    metrics.record('statehouse.store.batch.size', n % 2 === 0 ? 1 : 20, {
      'statehouse.store.call': n % 5 === 0 ? 'park' : 'claim',
    });
  const read = async () =>
    (await scrape())
      .filter(({ name }) => name.startsWith('statehouse_store_batch_size'))
      .filter(({ labels: { le = '1' } }) => ['1', '10', '+Inf'].includes(le))
      .map(({ name, labels, value }) => [name.slice(28), labels.statehouse_store_call, labels.le, value]);
  const expected = [
    ['count', 'park', undefined, 500],
    ['sum', 'park', undefined, 250 + 250 * 20],
    ['bucket', 'park', '1', 250],
    ['bucket', 'park', '10', 250],
    ['bucket', 'park', '+Inf', 500],
    ['count', 'claim', undefined, 2000],
    ['sum', 'claim', undefined, 1000 + 1000 * 20],
    ['bucket', 'claim', '1', 1000],
    ['bucket', 'claim', '10', 1000],
    ['bucket', 'claim', '+Inf', 2000],
  ];
  expect(await read()).toEqual(expected);
  expect(await read()).toEqual(expected);
  metrics.record('statehouse.store.batch.size', 7, { 'statehouse.store.call': 'park' });
  expect((await read()).slice(0, 2)).toEqual([
    ['count', 'park', undefined, 501],
    ['sum', 'park', undefined, 5257],
  ]);
});
