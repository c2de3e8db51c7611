/** Executions of one worker, each with the limits that it was started with. */
import { expect, test, vi } from 'vitest';
import { PLACE } from '../support/place.ts';
import { callback, sequence } from './small-machines.ts';
import { createWorld, functionArn, succeed } from './world.ts';

const EXTENDED = { maxHistoryEvents: 100_000, maxPayloadBytes: 300_000 };
const work = { Type: 'Task', Resource: functionArn('work') };

test('a result that is too large for one execution is not for another', async () => {
  const world = await createWorld({ work: () => succeed('é'.repeat(140_000)) });
  await world.worker();
  const definition = sequence([['work', work]]);
  const [portable, extended] = [await world.start(definition), await world.start(definition, {}, EXTENDED)];
  expect(await world.ended(portable)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  expect(await world.ended(extended)).toMatchObject({
    status: 'SUCCEEDED',
    output: JSON.stringify('é'.repeat(140_000)),
  });
});

test('an answer that is too large for its execution fails the task', async () => {
  const world = await createWorld({ 'invoke.waitForTaskToken': () => succeed({}) });
  await world.worker();
  const answered = async (limits?: typeof EXTENDED) => {
    const executionId = await world.start(sequence([['ask', callback]]), {}, limits);
    await vi.waitFor(async () =>
      expect((await world.journal(executionId)).at(-1)?.type).toBe('TaskSubmitted'),
    );
    const [{ token } = { token: '' }] = await world.sql<{ token: string }>(
      'select token from statehouse.task_tokens where execution_id = $1',
      [executionId],
    );
    const body = JSON.stringify('é'.repeat(140_000));
    expect(await world.store.leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body })).toBe(
      'sent',
    );
    return world.ended(executionId);
  };
  expect(await answered()).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  expect(await answered(EXTENDED)).toMatchObject({ status: 'SUCCEEDED' });
});

test('whoever goes on with an execution keeps its limits, though its journal is read again each time', async () => {
  const world = await createWorld({ work: () => succeed('x'.repeat(290_000)) });
  for (let n = 0; n < 2; n++) await world.worker({ hooks: { afterAppend: () => 'end-activation' } });
  const definition = {
    StartAt: 'again',
    States: {
      again: { ...work, Next: 'enough' },
      enough: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'end' }], Default: 'again' },
      end: { Type: 'Succeed' },
    },
  };
  const executionId = await world.start(definition, {}, { ...EXTENDED, maxHistoryEvents: 40 });
  expect(await world.ended(executionId)).toMatchObject({
    status: 'FAILED',
    cause: 'The execution reached the maximum number of history events (40).',
  });
  expect((await world.journal(executionId)).filter(({ id }) => id > 0)).toHaveLength(40);
});
