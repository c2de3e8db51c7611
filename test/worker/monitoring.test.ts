import { expect, onTestFinished, test } from 'vitest';
import { serveMonitoring } from '../../worker/monitoring.ts';
import { readExposition, startTestMetrics } from '../support/metrics.ts';

async function monitoring(
  world: {
    isCurrent?: boolean;
    isStopping?: boolean;
    problem?: string;
    exposition?: (() => Promise<string>) | 'none';
  } = {},
): Promise<string> {
  const { exposition } = await startTestMetrics();
  const served = await serveMonitoring({
    host: '127.0.0.1',
    port: 0,
    store: { check: async () => world.problem },
    worker: { isCurrent: world.isCurrent ?? true, isStopping: world.isStopping ?? false },
    exposition: world.exposition === 'none' ? undefined : (world.exposition ?? exposition),
  });
  onTestFinished(() => served.close());
  return served.url;
}

test('a worker serves its metrics', async () => {
  const answer = await fetch(`${await monitoring()}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(readExposition(await answer.text()).map(({ name }) => name)).toContain('process_uptime_seconds');
});

test('it is alive as long as it answers, and ready while it may take work', async () => {
  const url = await monitoring({ isCurrent: false, problem: 'the database does not answer' });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const unready = await fetch(`${url}/readyz`);
  expect(unready.status).toBe(503);
  expect(await unready.json()).toMatchObject({
    status: 'unavailable',
    checks: { database: 'the database does not answer', worker: expect.any(String) },
  });
  expect((await fetch(`${await monitoring()}/readyz`)).status).toBe(200);
});

test('one that stops is not ready, though it holds its executions until they are done', async () => {
  const url = await monitoring({ isStopping: true });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const unready = await fetch(`${url}/readyz`);
  expect(unready.status).toBe(503);
  expect(await unready.json()).toMatchObject({ checks: { worker: 'it is stopping: it takes no work' } });
});

test('there is nothing else, and no /metrics when they are off', async () => {
  const url = await monitoring({ exposition: 'none' });
  for (const path of ['/metrics', '/', '/healthz/x'])
    expect((await fetch(`${url}${path}`)).status, path).toBe(404);
  expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(404);
});

test('what cannot be collected is an answer too', async () => {
  const url = await monitoring({ exposition: () => Promise.reject(new Error('no figures')) });
  const answer = await fetch(`${url}/metrics`);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ status: 'failed', reason: 'no figures' });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
