/** A small run without a fault, of everything that the checker has a rule for. */
import type { HistoryEvent } from '../../../cli/client.ts';
import type { MustEnd } from '../workflows/must-end.ts';
import type { Evidence, ExecutionEvidence, ExecutionInput, FunctionCall } from './evidence.ts';
import { detailsOf } from './indexed.ts';
import { STATUS_OF } from './segments.ts';

type Row = readonly [previousEventId: number, type: string, details?: Readonly<Record<string, unknown>>];

const arn = (name: string): string => `arn:aws:states:us-east-1:000000000000:execution:m:${name}`;

function execution(name: string, rows: readonly Row[], input: ExecutionInput): ExecutionEvidence {
  const events = rows.map(([previousEventId, type, details], index): HistoryEvent => {
    const member = type.replace(/^(Task|Wait)(State(Entered|Exited))$/, '$2');
    return {
      id: index + 1,
      previousEventId,
      type,
      timestamp: 1_700_000_000 + index,
      ...(details && { [`${member.charAt(0).toLowerCase()}${member.slice(1)}EventDetails`]: details }),
    };
  });
  const last = events.at(-1) as HistoryEvent;
  const { output, error } = last.type === 'ExecutionTimedOut' ? {} : detailsOf(last);
  return {
    executionArn: arn(name),
    status: STATUS_OF[last.type] ?? 'RUNNING',
    output: typeof output === 'string' ? output : null,
    error: typeof error === 'string' ? error : null,
    owner: null,
    input,
    nextEventId: events.length + 1,
    seqs: [1, 2, 3],
    headSeq: 3,
    events,
  };
}

function state(name: string): Readonly<Record<string, unknown>> {
  return { name };
}

function call(execution: string, eventId: number, more: Partial<FunctionCall> = {}): FunctionCall {
  const idempotencyKey = `${arn(execution)}#${eventId}`;
  return { functionName: 'work', idempotencyKey, payload: {}, ...more };
}

const must = (output: unknown): readonly MustEnd[] => [{ status: 'SUCCEEDED', output }];
const CALLBACK = { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' };
const SQL = { resourceType: 'postgres', resource: 'execute' };
const CHILD = { resourceType: 'states', resource: 'startExecution.sync:2' };

/** Its only attempt was lost with its worker; the next one succeeded. */
const RETRIED = execution(
  'retried',
  [
    [0, 'ExecutionStarted'],
    [0, 'TaskStateEntered', state('T1')],
    [2, 'LambdaFunctionScheduled', {}],
    [3, 'LambdaFunctionStarted'],
    [4, 'LambdaFunctionFailed', { error: 'Lambda.SdkClientException' }],
    [5, 'LambdaFunctionScheduled', {}],
    [6, 'LambdaFunctionStarted'],
    [7, 'LambdaFunctionSucceeded', { output: '"done"' }],
    [8, 'TaskStateExited', state('T1')],
    [9, 'ExecutionSucceeded', { output: '"done"' }],
  ],
  { must: must('done') },
);

/** Its token was answered twice; the first answer was lost on the way back, and counted. */
const CALLED_BACK = execution(
  'called-back',
  [
    [0, 'ExecutionStarted'],
    [0, 'TaskStateEntered', state('T1')],
    [2, 'TaskScheduled', CALLBACK],
    [3, 'TaskStarted', CALLBACK],
    [4, 'TaskSubmitted', CALLBACK],
    [5, 'TaskSucceeded', { ...CALLBACK, output: '{"value":"done","by":"answer-1"}' }],
    [6, 'TaskStateExited', state('T1')],
    [7, 'ExecutionSucceeded', { output: '"done"' }],
  ],
  { must: must('done') },
);

/** Its first worker died; the answer of the second one counted. */
const ACTIVE = execution(
  'active',
  [
    [0, 'ExecutionStarted'],
    [0, 'TaskStateEntered', state('A1')],
    [2, 'ActivityScheduled', {}],
    [3, 'ActivityStarted', { workerName: 'poll-1' }],
    [4, 'ActivityTimedOut', { error: 'States.Timeout' }],
    [5, 'ActivityScheduled', {}],
    [6, 'ActivityStarted', { workerName: 'poll-2' }],
    [7, 'ActivitySucceeded', { output: '{"value":"done","by":"answer-3"}' }],
    [8, 'TaskStateExited', state('A1')],
    [9, 'ExecutionSucceeded', { output: '"done"' }],
  ],
  { must: must('done') },
);

const PARENT = execution(
  'parent',
  [
    [0, 'ExecutionStarted'],
    [0, 'TaskStateEntered', state('C1')],
    [2, 'TaskScheduled', CHILD],
    [3, 'TaskStarted', CHILD],
    [4, 'TaskSubmitted', { ...CHILD, output: JSON.stringify({ ExecutionArn: arn('child') }) }],
    [5, 'TaskSucceeded', { ...CHILD, output: '{"Output":"done"}' }],
    [6, 'TaskStateExited', state('C1')],
    [7, 'ExecutionSucceeded', { output: '"done"' }],
  ],
  { must: must('done') },
);

const CHILD_OF_PARENT = execution(
  'child',
  [
    [0, 'ExecutionStarted'],
    [0, 'PassStateEntered'],
    [2, 'PassStateExited'],
    [3, 'ExecutionSucceeded', { output: '"done"' }],
  ],
  { must: must('done'), parent: { executionArn: arn('parent'), state: 'C1' } },
);

/** Stopped right after it had started a child; then redriven, and it started another one. */
const REDRIVEN = execution(
  'redriven',
  [
    [0, 'ExecutionStarted'],
    [0, 'TaskStateEntered', state('C1')],
    [2, 'TaskScheduled', CHILD],
    [0, 'ExecutionAborted'],
    [4, 'ExecutionRedriven'],
    [2, 'TaskScheduled', CHILD],
    [6, 'TaskStarted', CHILD],
    [7, 'TaskSubmitted', { ...CHILD, output: JSON.stringify({ ExecutionArn: arn('second') }) }],
    [8, 'TaskFailed', { ...CHILD, error: 'States.TaskFailed' }],
    [9, 'ExecutionFailed', { error: 'States.TaskFailed' }],
  ],
  { must: [...must('done'), { status: 'FAILED', errors: ['States.TaskFailed', 'Fatal'] }] },
);

function childOfRedriven(name: string, end: Row, mustEnd: MustEnd): ExecutionEvidence {
  const rows: Row[] = [[0, 'ExecutionStarted'], [0, 'WaitStateEntered', state('W1')], end];
  return execution(name, rows, { must: [mustEnd], parent: { executionArn: arn('redriven'), state: 'C1' } });
}

/** Its SQL had its effect when it was run again. */
const EFFECTIVE = execution(
  'effective',
  [
    [0, 'ExecutionStarted'],
    [0, 'TaskStateEntered', state('Q1')],
    [2, 'TaskScheduled', SQL],
    [3, 'TaskStarted', SQL],
    [4, 'TaskFailed', { ...SQL, error: 'Postgres.55P03' }],
    [5, 'TaskScheduled', SQL],
    [6, 'TaskStarted', SQL],
    [7, 'TaskSucceeded', { ...SQL, output: '{"RowCount":1,"Rows":[]}' }],
    [8, 'TaskStateExited', state('Q1')],
    [9, 'ExecutionSucceeded', { output: '"done"' }],
  ],
  { must: must('done') },
);

export const GOOD: Evidence = {
  seed: 1,
  starts: [
    ...['retried', 'called-back', 'active', 'parent', 'redriven', 'effective'].map((name) => ({
      executionArn: arn(name),
      outcome: 'acknowledged' as const,
    })),
    { executionArn: arn('never-answered'), outcome: 'unknown' },
  ],
  expressStarts: [
    { id: 'x1', outcome: 'acknowledged' },
    { id: 'x2', outcome: 'unknown' },
  ],
  expressFunctions: ['first', 'second'],
  syncStarts: [
    { id: 's1', outcome: 'acknowledged', status: 'SUCCEEDED', output: '{"id":"s1"}' },
    { id: 's2', outcome: 'unknown' },
  ],
  syncFunctions: ['sync-first', 'sync-second'],
  polls: [
    { id: 'poll-1', outcome: 'unknown' },
    { id: 'poll-2', outcome: 'acknowledged', token: 'task' },
    { id: 'poll-3', outcome: 'acknowledged' },
  ],
  caps: [{ stateMachine: 'm', maxConcurrency: 2, mostUnderWay: 2 }],
  stops: [{ executionArn: arn('redriven'), outcome: 'acknowledged', stopDate: 1_700_000_003 }],
  redrives: [{ executionArn: arn('redriven'), outcome: 'acknowledged', redriveDate: 1_700_000_004 }],
  answers: [
    { id: 'answer-1', token: 'token', outcome: 'unknown' },
    { id: 'answer-2', token: 'token', outcome: 'refused' },
    { id: 'answer-3', token: 'task', outcome: 'acknowledged' },
  ],
  calls: [
    call('retried', 3),
    call('retried', 6, { result: '"done"' }),
    call('called-back', 3, { token: 'token' }),
    ...['first', 'second', 'first'].map((functionName) => ({
      functionName,
      idempotencyKey: 'arn:aws:states:us-east-1:000000000000:express:m:x:1#3',
      payload: { id: 'x1' },
    })),
    ...['sync-first', 'sync-second'].map((functionName) => ({
      functionName,
      idempotencyKey: 'arn:aws:states:us-east-1:000000000000:express:m:s:1#3',
      payload: { id: 's1' },
    })),
  ],
  executions: [
    RETRIED,
    CALLED_BACK,
    ACTIVE,
    PARENT,
    CHILD_OF_PARENT,
    REDRIVEN,
    EFFECTIVE,
    childOfRedriven('first', [0, 'ExecutionAborted'], { status: 'SUCCEEDED', output: 'done' }),
    childOfRedriven('second', [0, 'ExecutionTimedOut', { error: 'States.Timeout' }], { status: 'TIMED_OUT' }),
  ],
  effects: [{ executionArn: arn('effective'), state: 'Q1' }],
  crashes: [],
  leftovers: { jobs: [], mail: [] },
};
