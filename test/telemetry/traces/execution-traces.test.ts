/** Journals as spans that a collector receives: names, kinds, attributes, errors, links; each as docs/traces.md says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { fold, type JournalEvent } from '../../../runtime/index.ts';
import { startOpenTelemetry } from '../../../telemetry/opentelemetry.ts';
import { executionTraces } from '../../../telemetry/traces/execution-traces.ts';
import { Run, START_TIME } from '../../support/in-memory-run.ts';
import { LogLines } from '../../support/log-lines.ts';
import { OtlpReceiver } from '../../support/otlp/otlp-receiver.ts';
import type { ReceivedSpan } from '../../support/otlp/spans.ts';
import { ROOT } from '../../support/source-files.ts';

afterEach(() => vi.unstubAllEnvs());

const TRACE = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  isSampled: true,
  parentSpanId: '00f067aa0ba902b7',
  traceState: 'vendor=value',
};
const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:review';
const CHILD = 'arn:aws:states:us-east-1:000000000000:execution:child:1';
const APPEND = { startTime: START_TIME, endTime: START_TIME + 2.5 };

const EVERYTHING = {
  StartAt: 'Charge',
  States: {
    Charge: {
      Type: 'Task',
      Resource: 'arn:aws:lambda:us-east-1:000000000000:function:charge:live',
      Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 1 }],
      ResultPath: null,
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } },
      ResultPath: null,
      Next: 'Ship',
    },
    Ship: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Parameters: { StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:child' },
      Next: 'Review',
    },
    Review: {
      Type: 'Task',
      Resource: ACTIVITY,
      TimeoutSeconds: 60,
      Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'No' }],
      End: true,
    },
    No: { Type: 'Fail', Error: 'Unreviewed', Cause: `secret ${'x'.repeat(5000)}` },
  },
};

async function runEverything(): Promise<Run> {
  let call = 0;
  const answers = [{ error: 'Busy' }, { output: 'secret' }, { output: { ExecutionArn: CHILD } }];
  const run = new Run(EVERYTHING, {
    input: '{"items":[1],"secret":"secret"}',
    tasks: () => answers[call++] ?? 'never',
  });
  await run.toEnd();
  return run;
}

/** The journal with the execution in a trace. */
function traced(journal: readonly JournalEvent[], trace: object | null): JournalEvent[] {
  return journal.map((event) =>
    event.type === 'ExecutionStarted'
      ? {
          ...event,
          private: {
            ...event.private,
            identity: { ...event.private.identity, trace: (trace ?? undefined) as never },
          },
        }
      : event,
  );
}

/** What a collector gets when the journal is recorded, each event as one append. */
async function exported(
  { machine, journal }: Run,
  {
    trace = TRACE as object | null,
    type = 'STANDARD' as 'STANDARD' | 'EXPRESS',
    upTo = Number.POSITIVE_INFINITY,
  } = {},
): Promise<readonly ReceivedSpan[]> {
  await using receiver = await OtlpReceiver.start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${receiver.url}/v1/traces`);
  vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off');
  const log = new LogLines();
  const opentelemetry = await startOpenTelemetry({ env: process.env, role: 'worker', logger: log.logger });
  if (opentelemetry.traces === undefined) throw new Error('Traces are off');
  const [started, ...events] = traced(journal, trace);
  if (started === undefined) throw new Error('No journal');
  const logging = { level: 'OFF', includeExecutionData: false, logGroupArns: [] } as const;
  const watch = executionTraces(opentelemetry.traces, log.logger).watch(fold([started]), {
    machine,
    type,
    logging,
  });
  watch.record([started]);
  for (const event of events.slice(0, upTo)) watch.record([event], type === 'STANDARD' ? APPEND : undefined);
  await opentelemetry.close();
  expect(log.aboveInfo).toEqual([]);
  return receiver.spans;
}

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan[] {
  return spans.filter((span) => span.name === name);
}

test('spans are called and told as documented', async () => {
  const spans = await exported(await runEverything());
  const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:machine:run';
  const [execution] = named(spans, 'machine');
  expect(execution).toMatchObject({
    traceId: TRACE.traceId,
    parentSpanId: TRACE.parentSpanId,
    traceState: 'vendor=value',
    kind: 'CONSUMER',
    scope: 'statehouse',
    startTime: BigInt(START_TIME) * 1_000_000n,
    endTime: BigInt(START_TIME + 62_000) * 1_000_000n,
    status: { code: 'ERROR', message: 'Unreviewed' },
    attributes: {
      'aws.step_functions.state_machine.arn': 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
      'cloud.account.id': '000000000000',
      'cloud.region': 'us-east-1',
      'statehouse.execution.arn': executionArn,
      'statehouse.execution.name': 'run',
      'statehouse.execution.type': 'STANDARD',
      'statehouse.execution.status': 'FAILED',
      'statehouse.execution.redrive_count': 0,
      'statehouse.event.id': 1,
      'statehouse.outcome': 'failed',
      'error.type': 'Unreviewed',
    },
  });
  const [first, second] = named(spans, 'invoke charge');
  expect(first).toMatchObject({
    kind: 'CLIENT',
    status: { code: 'ERROR', message: 'Busy' },
    attributes: {
      'faas.invoked_name': 'charge',
      'faas.invoked_provider': 'aws',
      'statehouse.retry_count': 0,
    },
    events: [{ name: 'exception', attributes: { 'exception.type': 'Busy' } }],
  });
  expect(second).toMatchObject({ status: { code: 'UNSET' }, attributes: { 'statehouse.retry_count': 1 } });
  const [charge] = named(spans, 'Charge');
  expect(named(spans, 'retry wait')).toMatchObject([
    { kind: 'INTERNAL', parentSpanId: charge?.spanId, attributes: { 'statehouse.state.name': 'Charge' } },
  ]);
  expect(named(spans, 'Each iteration')).toMatchObject([{ attributes: { 'statehouse.map.index': 0 } }]);
  expect(named(spans, 'states:startExecution')).toMatchObject([
    { kind: 'CLIENT', attributes: { 'statehouse.child.execution.arn': CHILD } },
  ]);
  expect(named(spans, 'activity review')).toMatchObject([
    {
      kind: 'PRODUCER',
      attributes: { 'aws.step_functions.activity.arn': ACTIVITY, 'error.type': 'States.Timeout' },
    },
  ]);
  expect(named(spans, 'Review')).toMatchObject([
    {
      status: { code: 'UNSET' },
      attributes: { 'statehouse.outcome': 'caught' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'States.Timeout' } }],
    },
  ]);
});

test('no payload is told, and of a cause only the beginning', async () => {
  const spans = await exported(await runEverything());
  const [no] = named(spans, 'No');
  const [exception] = no?.events ?? [];
  const cause = String(exception?.attributes['exception.message']);
  expect(cause).toHaveLength(1024);
  expect(cause).toMatch(/^secret xxx.*…$/);
  const told = JSON.stringify(spans.map(({ attributes }) => attributes));
  expect(told).not.toContain('secret');
});

test('the attributes of each kind of span are those of the table', async () => {
  const documented: Record<string, Set<string>> = {};
  const rows = readFileSync(join(ROOT, 'docs/traces.md'), 'utf8').matchAll(/^\| (`[^|]+) \| ([^|]+) \|/gm);
  const kinds = ['execution', 'state', 'attempt', 'retry-wait', 'iteration', 'append'];
  for (const [, attributes = '', on = ''] of rows)
    for (const kind of on === 'all' ? kinds : on.split(', '))
      for (const [, attribute = ''] of attributes.matchAll(/`([^`]+)`/g)) {
        documented[kind] ??= new Set();
        documented[kind].add(attribute);
      }
  const told: Record<string, Set<string>> = {};
  const failing = {
    StartAt: 'Each',
    States: {
      Each: {
        ...EVERYTHING.States.Each,
        ItemProcessor: { StartAt: 'No', States: { No: EVERYTHING.States.No } },
      },
    },
  };
  const failed = new Run(
    { ...failing, States: { Each: { ...failing.States.Each, Next: undefined, End: true } } },
    {
      input: '{"items":[1]}',
    },
  );
  await failed.toEnd();
  for (const spans of [await exported(await runEverything()), await exported(failed)])
    for (const span of spans) {
      const kind = kindOf(span);
      told[kind] ??= new Set();
      for (const attribute of Object.keys(span.attributes)) told[kind].add(attribute);
    }
  expect(sorted(told)).toEqual(sorted(documented));
});

test('an append belongs to the state that it leads to, or to the execution', async () => {
  const spans = await exported(await runEverything());
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const appends = named(spans, 'append');
  expect(appends.at(0)).toMatchObject({
    kind: 'CLIENT',
    startTime: BigInt(START_TIME) * 1_000_000n,
    endTime: BigInt(START_TIME) * 1_000_000n + 2_500_000n,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': 'append',
      'statehouse.append.events': 1,
    },
  });
  expect(new Set(appends.map(({ parentSpanId }) => names.get(parentSpanId)))).toEqual(
    new Set(['machine', 'Charge', 'Each', 'Item', 'Ship', 'Review', 'No']),
  );
});

test('a child execution is linked to the attempt that started it', async () => {
  const startedBy = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) };
  const trace = { traceId: TRACE.traceId, isSampled: true, startedBy };
  const spans = await exported(await runEverything(), { trace });
  const [execution] = named(spans, 'machine');
  expect(execution).toMatchObject({ parentSpanId: '', links: [startedBy] });
  expect(spans.flatMap(({ links }) => links)).toHaveLength(1);
});

test('an execution that is not sampled, or in no trace, is not told', async () => {
  const run = await runEverything();
  expect(await exported(run, { trace: { ...TRACE, isSampled: false } })).toEqual([]);
  expect(await exported(run, { trace: null })).toEqual([]);
});

test('an Express execution is told as a whole, once it has ended', async () => {
  const run = await runEverything();
  const upTo = run.journal.length - 2;
  expect(await exported(run, { type: 'EXPRESS', upTo })).toEqual([]);
  expect(await exported(run, { type: 'EXPRESS' })).toHaveLength(
    (await exported(run)).filter(({ name }) => name !== 'append').length,
  );
});

function kindOf({ name, attributes, kind }: ReceivedSpan): string {
  if (name === 'append') return 'append';
  if (name === 'retry wait') return 'retry-wait';
  if (name.endsWith(' iteration')) return 'iteration';
  if (kind === 'CONSUMER') return 'execution';
  return attributes['statehouse.task.resource'] === undefined ? 'state' : 'attempt';
}

function sorted(sets: Record<string, Set<string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(sets).map(([kind, names]) => [kind, [...names].sort()]));
}
