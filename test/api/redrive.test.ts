import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playWorker } from './play-worker.ts';
import { createMachine, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

let test: TestApi;
let failing: string;
let waiting: string;
beforeAll(async () => {
  test = await startTestApi();
  failing = await createMachine(test, 'failing', FAILING);
  waiting = await createMachine(test, 'waiting', WAIT_DEFINITION);
});
afterAll(() => test.close());

const FAILING = JSON.stringify({
  TimeoutSeconds: 600,
  StartAt: 'Break',
  States: {
    Break: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'f' },
      OutputPath: '$.ok',
      End: true,
    },
  },
});

const redrivable = { redriveStatus: 'REDRIVABLE' };
const cannot = (status: string) => ({
  redriveStatus: 'NOT_REDRIVABLE',
  redriveStatusReason: `Execution is ${status} and cannot be redriven`,
});

/** A failed execution's ARN. */
async function failed(): Promise<string> {
  const executionArn = await start(test, failing, { input: '{"a": 1}' });
  await play(executionArn, '{}');
  return executionArn;
}

/** Goes on with the execution until its task has returned. */
function play(executionArn: string, ...submitted: string[]) {
  return playWorker(test.store, executionArn, { submitted, time: Date.now() });
}

describe('RedriveExecution', () => {
  it('sets a failed execution going again, until it succeeds', async () => {
    const executionArn = await failed();
    const before = await test.call('DescribeExecution', { executionArn });
    expect(before).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      redriveCount: 0,
      ...redrivable,
    });
    expect(before).not.toHaveProperty('redriveDate');

    const { redriveDate } = await test.call('RedriveExecution', { executionArn });
    const { stopDate, error, cause, redriveStatus, ...kept } = before;
    expect(redriveDate).toBeGreaterThanOrEqual(stopDate ?? Number.NaN);
    expect(await test.call('DescribeExecution', { executionArn })).toEqual({
      ...kept,
      status: 'RUNNING',
      redriveCount: 1,
      redriveDate,
      ...cannot('RUNNING'),
    });

    await play(executionArn, '{"ok":"fixed"}');
    expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({
      status: 'SUCCEEDED',
      output: '"fixed"',
      startDate: before.startDate,
      redriveCount: 1,
      redriveDate,
      ...cannot('SUCCEEDED'),
    });
    const { executions } = await test.call('ListExecutions', { stateMachineArn: failing });
    expect(executions.find((listed) => listed.executionArn === executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      redriveDate,
    });
  });

  it('leaves the history as it was, and goes on in it', async () => {
    const executionArn = await failed();
    const first = await test.call('GetExecutionHistory', { executionArn });
    const { redriveDate } = await test.call('RedriveExecution', { executionArn });
    await play(executionArn, '{"ok":1}');
    const { events } = await test.call('GetExecutionHistory', { executionArn });
    expect(events.slice(0, 6)).toEqual(first.events);
    expect(events[6]).toEqual({
      id: 7,
      previousEventId: 6,
      timestamp: redriveDate,
      type: 'ExecutionRedriven',
      executionRedrivenEventDetails: { redriveCount: 1 },
    });
    expect(events[7]).toMatchObject({ id: 8, previousEventId: 2, type: 'TaskScheduled' });
  });

  it('gives the machine its TimeoutSeconds anew', async () => {
    const executionArn = await failed();
    const { redriveDate } = await test.call('RedriveExecution', { executionArn });
    const { execution } = await play(executionArn);
    expect(execution.deadline).toBe(Math.round(redriveDate * 1000) + 600_000);
  });

  it('takes stopped executions, too, and a second redrive', async () => {
    const executionArn = await start(test, waiting);
    for (const redriveCount of [1, 2]) {
      await test.call('StopExecution', { executionArn });
      expect(await test.call('DescribeExecution', { executionArn })).toMatchObject(redrivable);
      await test.call('RedriveExecution', { executionArn });
      expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({ redriveCount });
    }
  });

  it('answers a call with a known token as before', async () => {
    const executionArn = await failed();
    const request = { executionArn, clientToken: 'token-1' };
    const first = await test.call('RedriveExecution', request);
    expect(await test.call('RedriveExecution', request)).toEqual(first);
    await test.call('StopExecution', { executionArn });
    expect(await test.call('RedriveExecution', request)).toEqual(first);
    expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({
      status: 'ABORTED',
      redriveCount: 1,
    });
  });

  it('refuses what is running, in the words of redriveStatusReason', async () => {
    const executionArn = await start(test, waiting);
    expect(await test.fail('RedriveExecution', { executionArn })).toEqual({
      status: 400,
      type: 'ExecutionNotRedrivable',
      message: `Execution ${executionArn} invalid for redrive as: Execution is RUNNING and cannot be redriven`,
    });
  });

  it('refuses executions of a machine that is being deleted', async () => {
    const machine = await createMachine(test, 'deleted', WAIT_DEFINITION);
    const executionArn = await start(test, machine);
    await test.call('StopExecution', { executionArn });
    await test.call('DeleteStateMachine', { stateMachineArn: machine });
    const redriveStatusReason = 'State machine is in DELETING status';
    expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason,
    });
    expect(await test.fail('RedriveExecution', { executionArn })).toMatchObject({
      type: 'ExecutionNotRedrivable',
      message: `Execution ${executionArn} invalid for redrive as: ${redriveStatusReason}`,
    });
  });

  it.each([
    [
      'stateMachine:waiting',
      'InvalidArn',
      "Invalid Arn: 'Resource type not valid in this context: stateMachine'",
    ],
    ['express:waiting:a:b', 'InvalidArn', "Invalid Arn: 'Resource type not valid in this context: express'"],
    [
      'execution:waiting:nobody',
      'ExecutionDoesNotExist',
      "Execution Does Not Exist: 'arn:aws:states:us-east-1:000000000000:execution:waiting:nobody'",
    ],
  ])('of %s: %s', async (resource, type, message) => {
    const executionArn = `arn:aws:states:us-east-1:000000000000:${resource}`;
    expect(await test.fail('RedriveExecution', { executionArn })).toEqual({ status: 400, type, message });
  });

  it('a start with the name and the input of a redriven execution is answered as the first', async () => {
    const request = { stateMachineArn: waiting, name: 'named', input: '{}' };
    const first = await test.call('StartExecution', request);
    const { executionArn } = first;
    await test.call('StopExecution', { executionArn });
    expect(await test.fail('StartExecution', request)).toMatchObject({ type: 'ExecutionAlreadyExists' });
    await test.call('RedriveExecution', { executionArn });
    expect(await test.call('StartExecution', request)).toEqual(first);
  });
});
