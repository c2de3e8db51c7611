/**
 * The trace of an execution whose worker is killed in the middle, as a collector gets it: the tree that docs/traces.md
 * tells, made of what both workers have sent.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { decodeEvents, type JournalEvent } from '../../runtime/index.ts';
import { openStore } from '../../store/open.ts';
import { createLogger } from '../../telemetry/log.ts';
import { callOperation, functionArn, untilEnded } from '../support/executions.ts';
import { freePort } from '../support/free-port.ts';
import { compile } from '../support/in-memory-run.ts';
import { LambdaEndpoint } from '../support/lambda-endpoint.ts';
import { OtlpReceiver } from '../support/otlp/otlp-receiver.ts';
import type { ReceivedSpan } from '../support/otlp/spans.ts';
import { PLACE } from '../support/place.ts';
import { RoleProcess } from '../support/role-process.ts';
import { spansOf } from '../support/span-replay.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const LOST = 'Lambda.SdkClientException';

const DEFINITION = {
  StartAt: 'Prepare',
  States: {
    Prepare: { Type: 'Wait', Seconds: 1, Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Charge',
          States: {
            Charge: {
              Type: 'Task',
              Resource: functionArn('charge'),
              Retry: [{ ErrorEquals: [LOST], IntervalSeconds: 1, MaxAttempts: 5 }],
              End: true,
            },
          },
        },
        { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 4, End: true } } },
      ],
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemProcessor: { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } },
      End: true,
    },
  },
};

let database: TestDatabase;
let env: Record<string, string>;
let running: RoleProcess[];

beforeEach(async () => {
  database = await createTestDatabase();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((role) => role.end('SIGKILL')));
  await database.drop();
});

async function start(role: 'api' | 'worker'): Promise<RoleProcess> {
  const started = await RoleProcess.start(role, env);
  running.push(started);
  return started;
}

const call = (operation: string, input: object, headers?: Readonly<Record<string, string>>) =>
  callOperation(`http://127.0.0.1:${env.STATEHOUSE_PORT}`, operation, input, headers);

async function startTraced(): Promise<string> {
  const { stateMachineArn = '' } = await call('CreateStateMachine', {
    name: 'order',
    definition: JSON.stringify(DEFINITION),
    roleArn: 'arn:aws:iam::000000000000:role/statehouse',
    tracingConfiguration: { enabled: true },
  });
  const { executionArn = '' } = await call(
    'StartExecution',
    { stateMachineArn, name: 'run' },
    { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` },
  );
  return executionArn;
}

async function journal(): Promise<{ rows: number; events: JournalEvent[] }> {
  const store = await openStore({ databaseUrl: database.url, poolSize: 1, logger: createLogger('silent') });
  try {
    const { id = '' } = (await store.executions.find(PLACE, 'order', 'run')) ?? {};
    const rows = await store.executions.journal(id, { from: 1, to: 25_000 });
    return {
      rows: rows.length,
      events: rows.flatMap(({ body, firstEventId }) => decodeEvents(body, firstEventId)),
    };
  } finally {
    await store.close();
  }
}

test('the span tree of a run with Parallel, Retry, Wait and Map across a kill', {
  timeout: 120_000,
}, async () => {
  await using receiver = await OtlpReceiver.start();
  const lambda = await LambdaEndpoint.start();
  env = {
    DATABASE_URL: database.url,
    STATEHOUSE_AUTH: 'none',
    STATEHOUSE_HOST: '127.0.0.1',
    STATEHOUSE_PORT: String(await freePort()),
    STATEHOUSE_WORKER_TIMEOUT_SECONDS: '1',
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  };
  const [api, killed] = await Promise.all([start('api'), start('worker')]);
  const executionArn = await startTraced();
  await lambda.untilInFlight((calls) => calls.length === 1);
  const { rows } = await journal();
  await receiver.until(
    (spans) => named(spans, 'append').length === rows - 1 && named(spans, 'Prepare').length === 1,
  );
  await killed.end('SIGKILL');
  lambda.onCall((call) => call.answer([1, 2]));
  const successor = await start('worker');
  const client = new Client(`http://127.0.0.1:${env.STATEHOUSE_PORT}`);
  expect(await untilEnded(client, executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  await Promise.all([successor.end('SIGTERM'), api.end('SIGTERM')]);
  await lambda.close();

  const spans = receiver.spans.filter(
    ({ attributes }) => attributes['statehouse.execution.arn'] === executionArn,
  );
  const told = spans.filter(({ name }) => name !== 'append');
  expect(tree(told, CALLER.spanId)).toEqual([
    'order succeeded',
    '  Prepare succeeded',
    '  Both succeeded',
    '    Charge succeeded',
    `      invoke charge failed ${LOST}`,
    '      retry wait succeeded',
    '      invoke charge succeeded',
    '    Rest succeeded',
    '  Each succeeded',
    '    Each iteration succeeded',
    '      Item succeeded',
    '    Each iteration succeeded',
    '      Item succeeded',
  ]);
  const { rows: allRows, events } = await journal();
  expect(told.map(plain).sort(byId)).toEqual(
    spansOf(compile(DEFINITION), events)
      .map(({ id, parentId, startTime, endTime }) => ({ id, parentId, startTime, endTime }))
      .sort(byId),
  );
  const appends = named(spans, 'append');
  expect(appends).toHaveLength(allRows - 1);
  const ids = new Set(told.map(({ spanId }) => spanId));
  expect(appends.filter(({ parentSpanId }) => !ids.has(parentSpanId))).toEqual([]);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([CALLER.traceId]));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  expect(new Set(told.map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
  expect(new Set(spans.map(({ resource }) => resource['service.name']))).toEqual(
    new Set(['statehouse-worker']),
  );
});

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan[] {
  return spans.filter((span) => span.name === name);
}

/** A line a span, within its parent: in the order of the events that they begin with. */
function tree(spans: readonly ReceivedSpan[], parentId: string, indent = ''): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parentId)
    .sort((a, b) => eventOf(a) - eventOf(b))
    .flatMap((span) => {
      const error = span.status.code === 'ERROR' ? ` ${span.status.message}` : '';
      const line = `${indent}${span.name} ${span.attributes['statehouse.outcome']}${error}`;
      return [line, ...tree(spans, span.spanId, `${indent}  `)];
    });
}

/** A retry wait names the event that the attempt before it ended with. */
function eventOf({ attributes }: ReceivedSpan): number {
  return Number(attributes['statehouse.event.id']);
}

function plain({ spanId, parentSpanId, startTime, endTime }: ReceivedSpan) {
  const ms = (time: bigint) => Number(time / 1_000_000n);
  return { id: spanId, parentId: parentSpanId, startTime: ms(startTime), endTime: ms(endTime) };
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}
