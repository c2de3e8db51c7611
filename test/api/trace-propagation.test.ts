/** The trace of an execution as functions, activity workers and child executions get it. */
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createIntegrations } from '../../integrations/registry.ts';
import { decodeEvents, type JournalEvent, PORTABLE_LIMITS, spanIdOf } from '../../runtime/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { createWorker, type Worker } from '../../worker/worker.ts';
import {
  type HttpServer,
  type ReceivedRequest,
  startHttpServer,
} from '../integrations/fixtures/http-server.ts';
import { PLACE } from '../support/place.ts';
import { PARENT_BASED } from '../support/samplers.ts';
import { post, ROLE_ARN, startTestApi, type TestApi } from './test-api.ts';

vi.setConfig({ testTimeout: 60_000 });

const logger = createLogger('silent');
const [TRACE_ID, SPAN_ID] = ['5759e988bd862e3fe1be46a994272793', '53995c3f42cd8ad8'];
const CALLER = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, tracestate: 'a=1,b=2' };

/** A Task that calls function `ship` of the function map, or whatever else the Invoke API is asked for. */
const call = (name: string, more: object = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  ...more,
});
const one = (state: object) => ({ StartAt: 'A', States: { A: { ...state, End: true } } });

interface World {
  readonly api: TestApi;
  /** Stands for HTTP functions and for the Invoke API; answers with status 500 as often as it is told to. */
  readonly server: HttpServer;
  worker(): Promise<Worker>;
  machine(definition: object, settings?: { type?: string; enabled?: boolean }): Promise<string>;
  start(stateMachineArn: string, headers?: Record<string, string>): Promise<string>;
  ended(executionArn: string): Promise<readonly JournalEvent[]>;
}

async function createWorld({ failures = 0 } = {}): Promise<World> {
  const server = await startHttpServer((response) => {
    response.statusCode = failures-- > 0 ? 500 : 200;
    response.end('"done"');
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const integrations = createIntegrations({
    functions: new Map([
      ['ship', { kind: 'url', name: 'ship', url: `${server.url}/ship?token=secret`, timeoutSeconds: 10 }],
    ]),
    env: { AWS_ENDPOINT_URL_LAMBDA: server.url, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' },
    place: PLACE,
    store: () => api.store,
    ceilings: PORTABLE_LIMITS,
    traceSampler: PARENT_BASED,
    logger,
  });
  const api = await startTestApi({ integrations, traceSampler: PARENT_BASED });
  onTestFinished(async () => {
    await integrations.close();
    await api.close();
  });
  let machines = 0;
  return {
    api,
    server,
    async worker() {
      const worker = createWorker({
        store: api.store,
        databaseUrl: api.databaseUrl,
        integrations,
        graceSeconds: 0,
        logRetentionDays: 14,
        workerTimeoutSeconds: 30,
        logger,
      });
      onTestFinished(() => worker.stop());
      await worker.start();
      return worker;
    },
    async machine(definition, { type = 'STANDARD', enabled = true } = {}) {
      const { stateMachineArn } = await api.call('CreateStateMachine', {
        name: `machine-${++machines}`,
        type,
        roleArn: ROLE_ARN,
        definition: JSON.stringify(definition),
        tracingConfiguration: { enabled },
      });
      return stateMachineArn;
    },
    async start(stateMachineArn, headers = {}) {
      const response = await post(api.api, 'StartExecution', JSON.stringify({ stateMachineArn }), headers);
      expect(response.statusCode, response.payload).toBe(200);
      return JSON.parse(response.payload).executionArn;
    },
    async ended(executionArn) {
      const [, machine = '', name = ''] = /execution:([^:]+):(.+)$/.exec(executionArn) ?? [];
      const { id = '' } = (await api.store.executions.find(PLACE, machine, name)) ?? {};
      await api.store.executions.waitForEnd(id, 20_000);
      const rows = await api.store.executions.journal(id, { from: 1, to: 2 ** 31 - 1 });
      const events = rows.flatMap(({ body, firstEventId }) => decodeEvents(body, firstEventId));
      expect(events.at(-1)?.type).toBe('ExecutionSucceeded');
      return events;
    },
  };
}

const scheduled = (events: readonly JournalEvent[]) =>
  events
    .filter(({ type }) => type === 'LambdaFunctionScheduled' || type === 'TaskScheduled')
    .map(({ id }) => id);

function headersOf(traceId: string, spanId: string, isSampled = true) {
  return {
    traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`,
    'x-amzn-trace-id': `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${isSampled ? 1 : 0}`,
  };
}

const traceIn = ({ headers }: Pick<ReceivedRequest, 'headers'>) =>
  Object.fromEntries(
    ['traceparent', 'tracestate', 'x-amzn-trace-id'].flatMap((name) =>
      headers[name] === undefined ? [] : [[name, headers[name]]],
    ),
  );

test('each attempt of an HTTP function and of the Invoke API has a span of its own', async () => {
  const { machine, server, start, ended, worker } = await createWorld({ failures: 1 });
  await worker();
  const retry = { Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1 }] };
  const definition = {
    StartAt: 'Ship',
    States: { Ship: call('ship', { ...retry, Next: 'Charge' }), Charge: call('charge', { End: true }) },
  };
  const executionArn = await start(await machine(definition), CALLER);
  const ids = scheduled(await ended(executionArn));
  expect(ids).toHaveLength(3);
  expect(server.requests.map(traceIn)).toEqual(
    ids.map((id) => ({
      ...headersOf(TRACE_ID, spanIdOf(executionArn, id)),
      tracestate: CALLER.tracestate,
    })),
  );
  // Who is on the way may change them.
  const signed = /SignedHeaders=([^,]+)/.exec(server.requests[2]?.headers.authorization ?? '')?.[1];
  expect(signed?.split(';')).toContain('host');
  expect(signed).not.toMatch(/trace/);
});

test('a machine without tracing passes its caller’s context on, and has none of its own', async () => {
  const { machine, server, start, ended, worker } = await createWorld();
  await worker();
  const stateMachineArn = await machine(one(call('ship')), { enabled: false });
  await ended(await start(stateMachineArn, CALLER));
  await ended(await start(stateMachineArn));
  expect(server.requests.map(traceIn)).toEqual([
    { ...headersOf(TRACE_ID, SPAN_ID), tracestate: CALLER.tracestate },
    {},
  ]);
});

test('another worker goes on under the same ids', async () => {
  const { api, machine, server, start, ended, worker } = await createWorld();
  const first = await worker();
  const definition = {
    StartAt: 'Before',
    States: {
      Before: call('ship', { Next: 'Wait' }),
      Wait: { Type: 'Wait', Seconds: 1, Next: 'After' },
      After: call('ship', { End: true }),
    },
  };
  const executionArn = await start(await machine(definition));
  await vi.waitFor(async () => {
    const { events } = await api.call('GetExecutionHistory', { executionArn });
    expect(events.map(({ type }) => type)).toContain('WaitStateEntered');
  }, 20_000);
  await first.stop();
  await worker();
  const events = await ended(executionArn);
  const [started] = events;
  const trace = started?.type === 'ExecutionStarted' ? started.private.identity.trace : undefined;
  expect(server.requests.map(traceIn)).toEqual(
    scheduled(events).map((id) => headersOf(trace?.traceId ?? '', spanIdOf(executionArn, id))),
  );
  expect(server.requests).toHaveLength(2);
});

test.each(['STANDARD', 'EXPRESS'])('a child that is %s has a trace of its own', async (type) => {
  const { machine, server, start, ended, worker } = await createWorld();
  await worker();
  const childArn = await machine(one(call('ship')), { type });
  const task = {
    Type: 'Task',
    Resource: `arn:aws:states:::states:startExecution${type === 'STANDARD' ? '.sync' : ''}`,
    Parameters: { StateMachineArn: childArn, Name: 'child' },
  };
  const executionArn = await start(await machine(one(task)), CALLER);
  const [attempt = 0] = scheduled(await ended(executionArn));
  await vi.waitFor(() => expect(server.requests).toHaveLength(1), 20_000);
  const [, traceId = '', spanId] =
    /^00-(.+)-(.+)-01$/.exec(String(server.requests[0]?.headers.traceparent)) ?? [];
  expect(traceId).not.toBe(TRACE_ID);
  expect(server.requests[0]?.headers).not.toHaveProperty('tracestate');
  if (type === 'EXPRESS') return;
  const child = `${childArn.replace(':stateMachine:', ':execution:')}:child`;
  const [started] = await ended(child);
  expect(spanId).toBe(spanIdOf(child, 3));
  expect(started).toMatchObject({
    private: {
      identity: {
        trace: {
          traceId,
          isSampled: true,
          startedBy: { traceId: TRACE_ID, spanId: spanIdOf(executionArn, attempt) },
        },
      },
    },
  });
});

test('GetActivityTask brings the context in headers, and nothing new in its answer', async () => {
  const { api, machine, start, worker } = await createWorld();
  const { url } = await api.api.listen({ host: '127.0.0.1', port: 0 });
  await worker();
  const { activityArn } = await api.call('CreateActivity', { name: 'review' });
  const review = one({ Type: 'Task', Resource: activityArn });
  const take = async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AWSStepFunctions.GetActivityTask',
      },
      body: JSON.stringify({ activityArn }),
    });
    const { taskToken, ...rest } = (await response.json()) as Record<string, string>;
    expect(taskToken).toEqual(expect.any(String));
    expect(rest).toEqual({ input: '{}' });
    return traceIn({ headers: Object.fromEntries(response.headers) });
  };
  const executionArn = await start(await machine(review), CALLER);
  expect(await take()).toEqual({
    ...headersOf(TRACE_ID, spanIdOf(executionArn, 3)),
    tracestate: CALLER.tracestate,
  });
  await start(await machine(review, { enabled: false }));
  expect(await take()).toEqual({});
});

test('no header makes a start fail', async () => {
  const { machine, start } = await createWorld();
  const stateMachineArn = await machine(one({ Type: 'Pass' }));
  const text = fc.oneof(
    fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,80}$/),
    fc.stringMatching(/^0[0-9a-f]-[0-9a-f]{31,33}-[0-9a-f]{15,17}-[0-9a-f]{1,3}$/),
    fc.stringMatching(/^(Root|root|Parent|Sampled)=[-;=?0-9a-f]{0,60}$/),
  );
  await fc.assert(
    fc.asyncProperty(text, text, text, async (traceparent, tracestate, xray) => {
      await start(stateMachineArn, { traceparent, tracestate, 'x-amzn-trace-id': xray });
    }),
    { numRuns: 40 },
  );
});
