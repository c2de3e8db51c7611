/** The trace that a caller is in, from the request to what tasks are given. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TaskCall, TaskIntegration } from '../../integrations/integration.ts';
import { type AttemptTrace, decodeEvents, type ExecutionTrace, spanIdOf } from '../../runtime/index.ts';
import { PLACE } from '../support/place.ts';
import { PARENT_BASED } from '../support/samplers.ts';
import { post, ROLE_ARN, startTestApi, type TestApi } from './test-api.ts';

const TASK_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const DEFINITION = {
  StartAt: 'A',
  States: { A: { Type: 'Task', Resource: TASK_ARN, End: true } },
};

const [ONE, TWO, THREE] = ['1', '2', '3'].map((digit) => digit.repeat(32)) as [string, string, string];
const SPAN_ID = '53995c3f42cd8ad8';
const xray = (traceId: string) =>
  `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${SPAN_ID};Sampled=1`;
const traceparent = (traceId: string) => `00-${traceId}-${SPAN_ID}-01`;

let calls: TaskCall[] = [];
beforeEach(() => {
  calls = [];
});
const task: TaskIntegration = {
  name: 'test',
  recovery: 'unknown',
  serves: () => true,
  lost: () => ({}),
  invoke: async (call) => {
    calls.push(call);
    return { kind: 'succeeded', output: '1' };
  },
  close: async () => {},
};

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    integrations: { find: () => task, close: async () => {} },
    traceSampler: PARENT_BASED,
  });
});
afterAll(() => api.close());

let machines = 0;
async function machine(type: string, enabled = true): Promise<string> {
  const { stateMachineArn } = await api.call('CreateStateMachine', {
    name: `traced-${++machines}`,
    type,
    roleArn: ROLE_ARN,
    definition: JSON.stringify(DEFINITION),
    tracingConfiguration: { enabled },
  });
  return stateMachineArn;
}

async function send(operation: string, input: object, headers: Record<string, string>) {
  const response = await post(api.api, operation, JSON.stringify(input), headers);
  expect(response.statusCode, response.payload).toBe(200);
  return JSON.parse(response.payload) as Record<string, string>;
}

/** As it is fixed in the first event of a Standard execution. */
async function traceOf(executionArn: string): Promise<ExecutionTrace | undefined> {
  const [, machineName = '', name = ''] = /execution:([^:]+):(.+)$/.exec(executionArn) ?? [];
  const execution = await api.store.executions.find(PLACE, machineName, name);
  const rows = await api.store.executions.journal(execution?.id ?? '', { from: 1, to: 1 });
  const [started] = decodeEvents(rows[0]?.body ?? '', 1);
  return started?.type === 'ExecutionStarted' ? started.private.identity.trace : undefined;
}

async function startedTrace(headers: Record<string, string>, input: object = {}, enabled = true) {
  const stateMachineArn = await machine('STANDARD', enabled);
  const { executionArn = '' } = await send('StartExecution', { stateMachineArn, ...input }, headers);
  return traceOf(executionArn);
}

async function givenToTask(headers: Record<string, string>, enabled = true) {
  const stateMachineArn = await machine('EXPRESS', enabled);
  const { executionArn = '' } = await send('StartSyncExecution', { stateMachineArn }, headers);
  expect(calls).toHaveLength(1);
  return { trace: calls[0]?.trace as AttemptTrace, executionArn };
}

describe('StartExecution', () => {
  const joined = (traceId: string) => ({ traceId, isSampled: true, parentSpanId: SPAN_ID });

  test('goes by traceHeader, then traceparent, then X-Amzn-Trace-Id', async () => {
    const headers = { traceparent: traceparent(TWO), 'x-amzn-trace-id': xray(THREE) };
    expect(await startedTrace(headers, { traceHeader: xray(ONE) })).toEqual(joined(ONE));
    expect(await startedTrace(headers)).toEqual(joined(TWO));
    expect(await startedTrace({ 'X-Amzn-Trace-Id': xray(THREE) })).toEqual(joined(THREE));
    const withState = { ...headers, tracestate: 'a=1,b=2' };
    expect(await startedTrace(withState)).toEqual({ ...joined(TWO), traceState: 'a=1,b=2' });
  });

  test.each(['', '00', traceparent('0'.repeat(32)), `${traceparent(ONE)}-x`, 'Root=1', '\u00ff;='])(
    'begins a trace where the context is malformed: %s',
    async (text) => {
      const traceHeader = text.replace(/\P{ASCII}/gu, '');
      const trace = await startedTrace(
        { traceparent: text, tracestate: 'a=1', 'x-amzn-trace-id': text },
        { traceHeader },
      );
      expect(trace).toEqual({ traceId: expect.stringMatching(/^[\da-f]{32}$/), isSampled: true });
    },
  );

  test('keeps a context to pass on where tracing is not enabled, and nothing else', async () => {
    expect(await startedTrace({ traceparent: traceparent(ONE) }, {}, false)).toEqual({
      traceId: ONE,
      isSampled: false,
      parentSpanId: SPAN_ID,
      passedDecision: true,
    });
    expect(await startedTrace({}, {}, false)).toBeUndefined();
  });

  test('shows what it was given as traceHeader, and nothing of the trace', async () => {
    const stateMachineArn = await machine('STANDARD');
    const traceHeader = xray(ONE);
    const started = await send('StartExecution', { stateMachineArn, traceHeader }, {});
    const other = await send('StartExecution', { stateMachineArn }, { traceparent: traceparent(TWO) });
    const describe = (given: Record<string, string>) =>
      api.call('DescribeExecution', { executionArn: given.executionArn });
    expect(await describe(started)).toMatchObject({ traceHeader });
    expect(await describe(other)).not.toHaveProperty('traceHeader');
    const history = await api.call('GetExecutionHistory', { executionArn: other.executionArn });
    expect(JSON.stringify(history)).not.toContain(TWO);
  });

  test('of an EXPRESS machine fixes the trace in what workers run', async () => {
    const stateMachineArn = await machine('EXPRESS');
    await send('StartExecution', { stateMachineArn }, { traceparent: traceparent(ONE) });
    const { workerId } = await api.store.workers.register({ hostname: 'host', pid: 1, version: '1' });
    const claimed = await api.store.express.claim(workerId, 10);
    const [started] = decodeEvents(claimed[0]?.body ?? '', 1);
    expect(started).toMatchObject({ private: { identity: { trace: joined(ONE) } } });
  });
});

describe('a task of StartSyncExecution', () => {
  test('is given its own span in the caller’s trace', async () => {
    const { trace, executionArn } = await givenToTask({ traceparent: traceparent(ONE), tracestate: 'a=1' });
    expect(trace).toEqual({
      traceId: ONE,
      spanId: spanIdOf(executionArn, 3),
      isSampled: true,
      isRecorded: true,
      traceState: 'a=1',
    });
  });

  test('is given the caller’s span where tracing is not enabled', async () => {
    const { trace } = await givenToTask({ traceparent: traceparent(ONE) }, false);
    expect(trace).toEqual({ traceId: ONE, spanId: SPAN_ID, isSampled: true, isRecorded: false });
  });

  test('is given nothing where there is no trace', async () => {
    expect((await givenToTask({}, false)).trace).toBeUndefined();
  });
});
