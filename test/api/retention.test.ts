import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../../telemetry/log.ts';
import { retention } from '../../worker/services/retention.ts';
import { ManualClock } from '../worker/manual-clock.ts';
import { playWorker } from './play-worker.ts';
import { createMachine, start, startTestApi, type TestApi } from './test-api.ts';

let test: TestApi;
let stateMachineArn: string;
beforeAll(async () => {
  test = await startTestApi();
  stateMachineArn = await createMachine(test, 'machine');
});
afterAll(() => test.close());

/** Lets so many days pass, by the database's clock, and the retention of 90 days run. */
async function afterDays(days: number): Promise<void> {
  const later = `create or replace function statehouse.now() returns timestamptz language sql stable
    as $$ select clock_timestamp() + interval '${days} days' $$`;
  await test.query(later, []);
  const clock = new ManualClock();
  await retention({ store: test.store.retention, days: 90, clock, logger: createLogger('silent') }).runOnce();
}

it('lets a name be used again 90 days after its execution has ended', async () => {
  const input = { name: 'nightly', input: '{"n": 1}' };
  const executionArn = await start(test, stateMachineArn, input);
  await playWorker(test.store, executionArn);
  const page = await test.call('GetExecutionHistory', { executionArn, maxResults: 1 });

  await afterDays(89);
  expect(await test.fail('StartExecution', { stateMachineArn, ...input })).toMatchObject({
    type: 'ExecutionAlreadyExists',
  });
  expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'SUCCEEDED' });

  await afterDays(90);
  for (const operation of ['DescribeExecution', 'GetExecutionHistory', 'RedriveExecution', 'StopExecution'])
    expect(await test.fail(operation, { executionArn }), operation).toEqual({
      status: 400,
      type: 'ExecutionDoesNotExist',
      message: `Execution Does Not Exist: '${executionArn}'`,
    });
  expect(await test.call('ListExecutions', { stateMachineArn })).toEqual({ executions: [] });

  expect(await start(test, stateMachineArn, { ...input, input: '{"n": 2}' })).toBe(executionArn);
  expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({
    status: 'RUNNING',
    input: '{"n": 2}',
  });
  const { nextToken } = page;
  expect(await test.fail('GetExecutionHistory', { executionArn, nextToken })).toMatchObject({
    type: 'InvalidToken',
  });
});
