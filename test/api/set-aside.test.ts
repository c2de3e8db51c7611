import { afterAll, beforeAll, expect, test } from 'vitest';
import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { PLACE } from '../support/place.ts';
import { createMachine, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const MACHINE = stateMachineArn(PLACE, 'order');

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await createMachine(api, 'order', WAIT_DEFINITION);
});
afterAll(() => api.close());

async function setAside(name: string): Promise<string> {
  const executionArn = await start(api, MACHINE, { name });
  const execution = await api.store.executions.find(PLACE, 'order', name);
  for (let n = 0; n < 5; n++) await api.store.suspects.strike(execution?.id ?? '', `Error: ${name}`);
  return executionArn;
}

async function listed(): Promise<unknown[]> {
  const response = await api.api.inject({ url: '/api/v1/set-aside' });
  expect(response.statusCode).toBe(200);
  return (response.json() as { executions: unknown[] }).executions;
}

const retry = (arn: string) =>
  api.api.inject({ method: 'POST', url: `/api/v1/executions/${encodeURIComponent(arn)}/retry` });

test('what is set aside is listed, RUNNING to AWS, and run again when it is retried', async () => {
  const executionArn = await setAside('höhe');
  expect(await listed()).toEqual([
    { executionArn, stateMachineArn: MACHINE, since: expect.any(Number), reason: 'Error: höhe' },
  ]);
  expect((await api.call('DescribeExecution', { executionArn })).status).toBe('RUNNING');
  expect((await retry(executionArn)).statusCode).toBe(200);
  expect(await listed()).toEqual([]);
});

test('it can be stopped', async () => {
  const executionArn = await setAside('stopped');
  await api.call('StopExecution', { executionArn });
  expect(await listed()).toEqual([]);
  expect((await api.call('DescribeExecution', { executionArn })).status).toBe('ABORTED');
});

test('what is not set aside cannot be retried', async () => {
  const executionArn = await start(api, MACHINE, { name: 'fine' });
  const refused = await retry(executionArn);
  expect(refused.statusCode).toBe(400);
  expect(refused.json()).toMatchObject({ message: `'${executionArn}' is not set aside` });
  expect((await retry(`${executionArn}-not`)).json()).toMatchObject({
    __type: expect.stringContaining('ExecutionDoesNotExist'),
  });
});
