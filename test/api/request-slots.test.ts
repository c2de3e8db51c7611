/** A bound on the requests that are worked on at once, and what does not count for it. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { LogLines } from '../support/log-lines.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { createMachine, post, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const SLOTS = 2;
const log = new LogLines();
let test: TestApi;
let port: number;
beforeAll(async () => {
  test = await startTestApi({ logger: log.logger, maxConcurrentRequests: SLOTS });
  ({ port } = await test.api.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => test.close());

/** A request whose body is still to come. */
async function openRequest(): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  connection.send(rawRequest('ListStateMachines', '', ['content-length: 2', 'expect: 100-continue']));
  await connection.received(/100 Continue/);
  return connection;
}

const list = () => post(test.api, 'ListStateMachines', '{}');

it('refuses what is too much, until one of the others is answered', async () => {
  const [first, second] = await Promise.all(Array.from({ length: SLOTS }, openRequest));
  const refused = await list();
  expect([refused.statusCode, refused.json()]).toEqual([
    400,
    { __type: 'ThrottlingException', message: 'Rate exceeded: 2 requests are being worked on' },
  ]);
  expect(refused.headers['x-amzn-requestid']).toBeDefined();
  // Who asks how the process is gets an answer also now.
  for (const url of ['/healthz', '/readyz']) expect((await test.api.inject({ url })).statusCode).toBe(200);

  await first?.send('{}').received(/stateMachines/);
  expect((await list()).statusCode).toBe(200);
  await second?.send('{}').received(/stateMachines/);
  expect(log.aboveInfo).toEqual([]);
});

it('does not count those whose clients have left', async () => {
  for (const _ of Array.from({ length: SLOTS })) {
    log.clear();
    (await openRequest()).destroy();
    await log.line({ error: 'RequestAbortedException' });
  }
  expect((await list()).statusCode).toBe(200);
});

it('does not count those that only wait for an execution to end', async () => {
  const stateMachineArn = await createMachine(test, 'waiting', WAIT_DEFINITION);
  const executionArn = await start(test, stateMachineArn);
  const waits = vi.spyOn(test.store.executions, 'waitForEnd');
  const waiting: ReturnType<typeof post>[] = [];
  for (let count = 1; count <= 2 * SLOTS; count++) {
    waiting.push(test.api.inject({ url: `/api/v1/executions/${executionArn}?wait=300` }));
    await expect.poll(() => waits.mock.calls.length).toBe(count);
  }
  expect((await list()).statusCode).toBe(200);
  await test.call('StopExecution', { executionArn });
  for (const answer of await Promise.all(waiting)) expect(answer.json()).toMatchObject({ status: 'ABORTED' });
  const [first, second] = await Promise.all(Array.from({ length: SLOTS }, openRequest));
  expect((await list()).json()).toMatchObject({ __type: 'ThrottlingException' });
  await first?.send('{}').received(/stateMachines/);
  await second?.send('{}').received(/stateMachines/);
});
