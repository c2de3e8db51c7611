/** EXPRESS state machines in the API: synchronous executions run here, asynchronous ones are handed to the workers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskCall, TaskIntegration, TaskResult } from '../../integrations/integration.ts';
import { decodeEvents } from '../../runtime/index.ts';
import { PASS_DEFINITION, post, ROLE_ARN, startTestApi, type TestApi } from './test-api.ts';

const TASK_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

let answer: (call: TaskCall) => Promise<TaskResult> = async () => ({ kind: 'succeeded', output: '1' });
const task: TaskIntegration = {
  name: 'test',
  recovery: 'unknown',
  serves: () => true,
  lost: () => ({}),
  invoke: (call) => answer(call),
  close: async () => {},
};

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi({ integrations: { find: () => task, close: async () => {} } });
});
afterAll(() => test.close());

let machines = 0;
async function machine(definition: object | string = PASS_DEFINITION, type = 'EXPRESS'): Promise<string> {
  const { stateMachineArn } = await test.call('CreateStateMachine', {
    name: `express-${++machines}`,
    type,
    roleArn: ROLE_ARN,
    definition: typeof definition === 'string' ? definition : JSON.stringify(definition),
  });
  return stateMachineArn;
}

const oneState = (state: object) => ({ StartAt: 'A', States: { A: state } });
const ONE_TASK = oneState({ Type: 'Task', Resource: TASK_ARN, End: true });
const sync = (stateMachineArn: string, more: object = {}) =>
  test.call('StartSyncExecution', { stateMachineArn, ...more });

describe('StartSyncExecution', () => {
  it('answers with the result', async () => {
    const stateMachineArn = await machine(oneState({ Type: 'Pass', Result: { a: 1 }, End: true }));
    const input = { name: 'one', input: '{"b": 2}', traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793' };
    const execution = await sync(stateMachineArn, input);
    expect(execution).toEqual({
      executionArn: expect.stringMatching(
        `^arn:aws:states:us-east-1:000000000000:express:${stateMachineArn.split(':').at(-1)}:one:${UUID}$`,
      ),
      stateMachineArn,
      ...input,
      inputDetails: { included: true },
      status: 'SUCCEEDED',
      output: '{"a":1}',
      outputDetails: { included: true },
      startDate: expect.any(Number),
      stopDate: expect.any(Number),
      billingDetails: { billedDurationInMilliseconds: 100, billedMemoryUsedInMB: 64 },
    });
  });

  it('draws a name, and starts anew under one that was used', async () => {
    const stateMachineArn = await machine();
    const { name } = await sync(stateMachineArn);
    const again = await sync(stateMachineArn, { name });
    expect(again).toMatchObject({ name, status: 'SUCCEEDED' });
  });

  it('answers with the failure of an execution that fails', async () => {
    const stateMachineArn = await machine(oneState({ Type: 'Fail', Error: 'Bad', Cause: 'luck' }));
    const execution = await sync(stateMachineArn);
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'Bad',
      cause: 'luck',
      outputDetails: { included: true },
    });
    expect(execution).not.toHaveProperty('output');
  });

  it('calls tasks', async () => {
    answer = async ({ input }) => ({ kind: 'succeeded', output: `[${input.text}]` });
    expect(await sync(await machine(ONE_TASK), { input: '7' })).toMatchObject({ output: '[7]' });
  });

  it('ends in time', async () => {
    answer = () => new Promise(() => {});
    const stateMachineArn = await machine({ ...ONE_TASK, TimeoutSeconds: 1 });
    expect(await sync(stateMachineArn)).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
  });

  it('of a version runs that version', async () => {
    const stateMachineArn = await machine(oneState({ Type: 'Pass', Result: 'old', End: true }));
    const { stateMachineVersionArn } = await test.call('PublishStateMachineVersion', { stateMachineArn });
    await test.call('UpdateStateMachine', { stateMachineArn, definition: PASS_DEFINITION });
    expect(await sync(stateMachineVersionArn)).toMatchObject({ stateMachineArn, output: '"old"' });
  });

  it('is not for STANDARD machines', async () => {
    const stateMachineArn = await machine(PASS_DEFINITION, 'STANDARD');
    expect(await test.fail('StartSyncExecution', { stateMachineArn })).toMatchObject({
      status: 400,
      type: 'StateMachineTypeNotSupported',
    });
  });

  it.each([
    ['InvalidExecutionInput', { input: '{' }],
    ['InvalidName', { name: 'a b' }],
  ])('%s', async (type, more) => {
    const stateMachineArn = await machine();
    expect(await test.fail('StartSyncExecution', { stateMachineArn, ...more })).toMatchObject({ type });
  });

  it('ends the execution, and the call of its task, when the client hangs up', async () => {
    const stateMachineArn = await machine(ONE_TASK);
    const called = Promise.withResolvers<AbortSignal>();
    answer = ({ signal }) => {
      called.resolve(signal);
      return new Promise(() => {});
    };
    const { port } = await test.api.listen({ host: '127.0.0.1', port: 0 });
    const leaving = new AbortController();
    const request = fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AWSStepFunctions.StartSyncExecution',
      },
      body: JSON.stringify({ stateMachineArn }),
      signal: leaving.signal,
    });
    const signal = await called.promise;
    leaving.abort();
    await expect(request).rejects.toThrow();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    expect(signal.aborted).toBe(true);
  });
});

describe('too many synchronous executions', () => {
  it('are refused with an error that clients repeat', async () => {
    const crowded = await startTestApi({
      integrations: { find: () => task, close: async () => {} },
      maxSyncExecutions: 1,
    });
    const called = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<TaskResult>();
    answer = () => {
      called.resolve();
      return answered.promise;
    };
    const { stateMachineArn } = await crowded.call('CreateStateMachine', {
      name: 'crowded',
      type: 'EXPRESS',
      roleArn: ROLE_ARN,
      definition: JSON.stringify(ONE_TASK),
    });
    const first = post(crowded.api, 'StartSyncExecution', JSON.stringify({ stateMachineArn })).then(
      (it) => it,
    );
    await called.promise;
    expect(await crowded.fail('StartSyncExecution', { stateMachineArn })).toMatchObject({
      type: 'ThrottlingException',
    });
    answered.resolve({ kind: 'succeeded', output: '1' });
    expect((await first).json()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await crowded.call('StartSyncExecution', { stateMachineArn })).toMatchObject({
      status: 'SUCCEEDED',
    });
    await crowded.close();
  });
});

describe('StartExecution', () => {
  it('is durable once it is answered: a worker finds all that it needs', async () => {
    const stateMachineArn = await machine();
    const start = { stateMachineArn, name: 'same', input: '{"a": 1}' };
    const starts = [await test.call('StartExecution', start), await test.call('StartExecution', start)];
    const arns = starts.map(({ executionArn }) => executionArn);
    expect(new Set(arns).size).toBe(2);
    for (const arn of arns) expect(arn).toMatch(new RegExp(`:express:express-\\d+:same:${UUID}$`));
    const worker = await test.store.workers.register({ hostname: 'test', pid: 1, version: '0' });
    const claimed = await test.store.express.claim(worker.workerId, 10);
    const events = claimed.flatMap(({ body }) => decodeEvents(body, 1));
    expect(events).toMatchObject(
      arns.map((executionArn) => ({
        type: 'ExecutionStarted',
        details: { roleArn: ROLE_ARN },
        private: { identity: { executionArn } },
      })),
    );
  });

  it.each(['DescribeExecution', 'GetExecutionHistory', 'StopExecution', 'DescribeStateMachineForExecution'])(
    'what it started is not for %s',
    async (operation) => {
      const { executionArn } = await test.call('StartExecution', { stateMachineArn: await machine() });
      expect(await test.fail(operation, { executionArn })).toEqual({
        status: 400,
        type: 'InvalidArn',
        message: "Invalid Arn: 'Resource type not valid in this context: express'",
      });
    },
  );
});
