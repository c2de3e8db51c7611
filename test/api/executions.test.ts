import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLACE } from '../support/place.ts';
import { playWorker } from './play-worker.ts';
import { createMachine, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const T0 = Date.UTC(2026, 0, 1) + 123;
let now = T0;
let test: TestApi;
let passing: string;
let waiting: string;
beforeAll(async () => {
  test = await startTestApi({ now: () => now });
  passing = await createMachine(test, 'passing');
  waiting = await createMachine(test, 'waiting', WAIT_DEFINITION);
});
afterAll(() => test.close());

describe('StartExecution', () => {
  it('starts an execution that DescribeExecution shows as running', async () => {
    const input = '{ "order" : 1.0 }\n';
    const started = await test.call('StartExecution', {
      stateMachineArn: waiting,
      name: 'shown',
      input,
      traceHeader: 'Root=1-\u0000',
    });
    const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:waiting:shown';
    expect(started).toEqual({ executionArn, startDate: T0 / 1000 });
    expect(await test.call('DescribeExecution', { executionArn })).toEqual({
      executionArn,
      stateMachineArn: waiting,
      name: 'shown',
      status: 'RUNNING',
      startDate: T0 / 1000,
      input,
      inputDetails: { included: true },
      traceHeader: 'Root=1-\u0000',
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
    });
  });

  it('draws a name and an empty input when none is given', async () => {
    const executionArn = await start(test, waiting);
    expect(executionArn).toMatch(/:execution:waiting:[0-9a-f-]{36}$/);
    expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({ input: '{}' });
  });

  it('answers a repeated start as the first, for as long as the execution runs', async () => {
    const request = { stateMachineArn: waiting, name: 'repeated', input: '{"a":1}' };
    const starts = await Promise.all([1, 2, 3].map(() => test.call('StartExecution', request)));
    now += 5000;
    expect([...starts, await test.call('StartExecution', request)]).toEqual(Array(4).fill(starts[0]));
    const executionArn = starts[0]?.executionArn;
    const exists = {
      status: 400,
      type: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${executionArn}'`,
    };
    expect(await test.fail('StartExecution', { ...request, input: '{"a": 1}' })).toEqual(exists);
    await test.call('StopExecution', { executionArn });
    expect(await test.fail('StartExecution', request)).toEqual(exists);
  });

  it.each([
    [
      'not some json',
      "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    ],
    [
      "{'not': 'json'",
      "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
    ],
    ['', 'Invalid execution input.'],
    [' \n', 'Invalid execution input.'],
  ])('refuses the input %j', async (input, fault) => {
    expect(await test.fail('StartExecution', { stateMachineArn: passing, input })).toEqual({
      status: 400,
      type: 'InvalidExecutionInput',
      message: `Invalid State Machine Execution Input: '${fault}'`,
    });
  });

  it.each([
    '{"a":1,}',
    '[1 2]',
    '{"a"}',
    '"\u0001"',
    '01',
    '{} {}',
    '[',
    `${'['.repeat(2000)}${']'.repeat(2000)}`,
  ])('refuses the input %j', async (input) => {
    expect(await test.fail('StartExecution', { stateMachineArn: passing, input })).toMatchObject({
      status: 400,
      type: 'InvalidExecutionInput',
    });
  });

  it.each(['2', '"some text"', 'null', '[]', '{"__proto__":{"a":1}}', '"\\u0000\\ud800"'])(
    'takes the input %s as it is',
    async (input) => {
      const executionArn = await start(test, passing, { input });
      expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({ input });
    },
  );

  it('counts the bytes of an input, not its characters', async () => {
    const input = JSON.stringify('é'.repeat(131_071));
    await start(test, passing, { input });
    expect(await test.fail('StartExecution', { stateMachineArn: passing, input: ` ${input}` })).toEqual({
      status: 400,
      type: 'ValidationException',
      message:
        "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
    });
  });

  it('refuses a bad name, and machines that are not there', async () => {
    expect(await test.fail('StartExecution', { stateMachineArn: passing, name: 'a b' })).toEqual({
      status: 400,
      type: 'InvalidName',
      message: "Invalid Name: 'a b'",
    });
    expect(await test.fail('StartExecution', { stateMachineArn: `${passing}x` })).toMatchObject({
      type: 'StateMachineDoesNotExist',
    });
  });
});

describe('DescribeExecution', () => {
  it('shows the output of one that succeeded', async () => {
    const executionArn = await start(test, passing, { name: 'succeeded' });
    await playWorker(test.store, executionArn, { time: now + 250 });
    const shown = await test.call('DescribeExecution', { executionArn });
    expect(shown).toMatchObject({
      status: 'SUCCEEDED',
      output: '"hello"',
      outputDetails: { included: true },
      stopDate: (now + 250) / 1000,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
    expect(shown).not.toHaveProperty('error');
  });

  it('shows error and cause of one that failed, and no output', async () => {
    const definition = JSON.stringify({
      StartAt: 'Fail',
      States: { Fail: { Type: 'Fail', Error: 'Broken', Cause: 'zero \u0000' } },
    });
    const executionArn = await start(test, await createMachine(test, 'failing', definition));
    await playWorker(test.store, executionArn);
    const shown = await test.call('DescribeExecution', { executionArn });
    expect(shown).toMatchObject({
      status: 'FAILED',
      error: 'Broken',
      cause: 'zero \u0000',
    });
    expect(shown).not.toHaveProperty('output');
  });

  it.each([
    ['not-an-arn', 'InvalidArn', "Invalid Arn: 'Invalid ARN prefix: not-an-arn'"],
    [
      'arn:aws:states:us-east-1:000000000000:express:a:b:c',
      'InvalidArn',
      "Invalid Arn: 'Resource type not valid in this context: express'",
    ],
    [
      'arn:aws:states:us-east-1:000000000000:execution:waiting:absent',
      'ExecutionDoesNotExist',
      "Execution Does Not Exist: 'arn:aws:states:us-east-1:000000000000:execution:waiting:absent'",
    ],
    ['arn:aws:states:us-east-1:000000000000:execution:waiting', 'ExecutionDoesNotExist', undefined],
    ['arn:aws:states:us-east-1:000000000000:execution:waiting:shown:x', 'ExecutionDoesNotExist', undefined],
    ['arn:aws:states:eu-west-1:000000000000:execution:waiting:shown', 'ExecutionDoesNotExist', undefined],
  ])('answers the ARN %s with %s', async (executionArn, type, message) => {
    for (const operation of [
      'DescribeExecution',
      'GetExecutionHistory',
      'StopExecution',
      'DescribeStateMachineForExecution',
    ]) {
      const failure = await test.fail(operation, { executionArn });
      expect(failure).toMatchObject({ status: 400, type, ...(message !== undefined && { message }) });
    }
  });
});

describe('StopExecution', () => {
  it('is final when it is answered', async () => {
    const executionArn = await start(test, waiting);
    await playWorker(test.store, executionArn);
    const { stopDate } = await test.call('StopExecution', {
      executionArn,
      error: 'Enough',
      cause: 'no \u0000 more',
    });
    expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'no \u0000 more',
      stopDate,
      redriveStatus: 'REDRIVABLE',
    });
    const { events } = await test.call('GetExecutionHistory', { executionArn, reverseOrder: true });
    expect(events[0]).toEqual({
      id: 3,
      previousEventId: 0,
      type: 'ExecutionAborted',
      timestamp: stopDate,
      executionAbortedEventDetails: { error: 'Enough', cause: 'no \u0000 more' },
    });
  });

  it('leaves a closed execution as it is', async () => {
    const executionArn = await start(test, waiting);
    const [first, second] = await Promise.all([
      test.call('StopExecution', { executionArn }),
      test.call('StopExecution', { executionArn }),
    ]);
    expect(second).toEqual(first);
    expect(await test.call('StopExecution', { executionArn, error: 'Late' })).toEqual(first);
    const shown = await test.call('DescribeExecution', { executionArn });
    expect(shown).not.toHaveProperty('error');
  });
});

describe('ListExecutions', () => {
  it('lists the newest first, by status, page by page', async () => {
    const stateMachineArn = await createMachine(test, 'listed', WAIT_DEFINITION);
    const started: string[] = [];
    for (let i = 0; i < 5; i++) {
      now += i % 2; // some at the same moment
      started.push(await start(test, stateMachineArn, { name: `run-${i}` }));
    }
    await test.call('StopExecution', { executionArn: started[1] });

    const all = await test.call('ListExecutions', { stateMachineArn });
    expect(all).not.toHaveProperty('nextToken');
    expect(all.executions.map(({ name }) => name)).toEqual(['run-4', 'run-3', 'run-2', 'run-1', 'run-0']);
    expect(all.executions[0]).toEqual({
      executionArn: started[4],
      stateMachineArn,
      name: 'run-4',
      status: 'RUNNING',
      startDate: now / 1000,
      redriveCount: 0,
    });
    expect(all.executions[3]).toMatchObject({ status: 'ABORTED', stopDate: expect.any(Number) });

    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await test.call('ListExecutions', {
        stateMachineArn,
        maxResults: 2,
        statusFilter: 'RUNNING',
        nextToken,
      });
      names.push(...page.executions.map(({ name }) => name));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(names).toEqual(['run-4', 'run-3', 'run-2', 'run-0']);
  });

  it.each([
    [{}, { type: 'ValidationException', reason: 'MISSING_REQUIRED_PARAMETER' }],
    [{ stateMachineArn: 'a', mapRunArn: 'b' }, { type: 'ValidationException' }],
    [{ mapRunArn: 'b' }, { type: 'InvalidArn' }],
    [{ stateMachineArn: 'a', statusFilter: 'PENDING_REDRIVE' }, { type: 'ValidationException' }],
    [
      { stateMachineArn: 'a', redriveFilter: 'REDRIVEN' },
      {
        type: 'ValidationException',
        message: 'RedriveFilter cannot be applied to ListExecutions call with StateMachine ARN',
      },
    ],
    [{ stateMachineArn: 'a' }, { type: 'InvalidArn' }],
    [
      { stateMachineArn: `arn:aws:states:${PLACE.region}:${PLACE.accountId}:stateMachine:no` },
      { type: 'StateMachineDoesNotExist' },
    ],
  ])('answers %j with an error', async (input, failure) => {
    expect(await test.fail('ListExecutions', input)).toMatchObject(failure);
  });

  it('has nothing to list for EXPRESS machines', async () => {
    const { stateMachineArn } = await test.call('CreateStateMachine', {
      name: 'express',
      type: 'EXPRESS',
      definition: WAIT_DEFINITION,
      roleArn: 'arn:aws:iam::000000000000:role/statehouse',
    });
    expect(await test.fail('ListExecutions', { stateMachineArn })).toEqual({
      status: 400,
      type: 'StateMachineTypeNotSupported',
      message: 'This operation is not supported by this type of state machine',
    });
  });
});
