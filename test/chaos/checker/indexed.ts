/** Evidence with what its rules look up again and again. */
import type { HistoryEvent } from '../../../cli/client.ts';
import type { Evidence, ExecutionEvidence, FunctionCall } from './evidence.ts';

export interface IndexedEvidence extends Evidence {
  readonly byArn: ReadonlyMap<string, ExecutionEvidence>;
  /** Of Standard executions, by idempotency key. */
  readonly callsByKey: ReadonlyMap<string, readonly FunctionCall[]>;
  readonly attempts: readonly Attempt[];
  /** By the token that was given to a function, or to a worker of an activity. */
  readonly attemptOfToken: ReadonlyMap<string, Attempt>;
}

/** One attempt of a Task, from its Scheduled event on. */
export interface Attempt {
  readonly execution: ExecutionEvidence;
  readonly scheduled: HistoryEvent;
  /** Events that carry it on, in order: Started, Submitted, and how it ended. */
  readonly steps: readonly HistoryEvent[];
  /** The state that it belongs to. */
  readonly state: string;
}

const SCHEDULED = /^(LambdaFunction|Task|Activity)Scheduled$/;
const STEP =
  /^(LambdaFunction|Task|Activity)(Started|Submitted|Succeeded|Failed|TimedOut|StartFailed|SubmitFailed|ScheduleFailed)$/;

export function indexed(evidence: Evidence): IndexedEvidence {
  const attempts = evidence.executions.flatMap(attemptsOf);
  return {
    ...evidence,
    byArn: new Map(evidence.executions.map((execution) => [execution.executionArn, execution])),
    callsByKey: Map.groupBy(
      evidence.calls.filter(({ idempotencyKey }) => !isExpress(idempotencyKey)),
      ({ idempotencyKey }) => idempotencyKey,
    ),
    attempts,
    attemptOfToken: attemptsByToken(evidence, attempts),
  };
}

function attemptsByToken(
  { calls, polls }: Evidence,
  attempts: readonly Attempt[],
): ReadonlyMap<string, Attempt> {
  const byKey = new Map(attempts.map((attempt) => [keyOf(attempt), attempt]));
  const byWorker = new Map(attempts.map((attempt) => [workerOf(attempt), attempt]));
  const found: (readonly [token: string | undefined, attempt: Attempt | undefined])[] = [
    ...calls.map(({ token, idempotencyKey }) => [token, byKey.get(idempotencyKey)] as const),
    ...polls.map(({ token, id }) => [token, byWorker.get(id)] as const),
  ];
  return new Map(found.flatMap(([token, attempt]) => (token && attempt ? [[token, attempt]] : [])));
}

function isExpress(idempotencyKey: string): boolean {
  return idempotencyKey.includes(':express:');
}

function attemptsOf(execution: ExecutionEvidence): Attempt[] {
  const byId = new Map(execution.events.map((event) => [event.id, event]));
  const after = Map.groupBy(execution.events, ({ previousEventId }) => previousEventId);
  return execution.events
    .filter(({ type }) => SCHEDULED.test(type))
    .map((scheduled) => ({
      execution,
      scheduled,
      steps: stepsAfter(scheduled, after),
      state: stateOf(scheduled, byId),
    }));
}

function stepsAfter(
  event: HistoryEvent,
  after: ReadonlyMap<number, readonly HistoryEvent[]>,
): readonly HistoryEvent[] {
  const next = (after.get(event.id) ?? []).filter(({ type }) => STEP.test(type));
  return next.flatMap((step) => (step.id > event.id ? [step, ...stepsAfter(step, after)] : []));
}

function stateOf(event: HistoryEvent, byId: ReadonlyMap<number, HistoryEvent>): string {
  for (let at: HistoryEvent | undefined = event; at !== undefined; at = byId.get(at.previousEventId)) {
    const name = at.stateEnteredEventDetails?.name;
    if (typeof name === 'string') return name;
    if (at.previousEventId >= at.id) break;
  }
  return '';
}

/** Its idempotency key. */
export function keyOf({ execution, scheduled }: Attempt): string {
  return `${execution.executionArn}#${scheduled.id}`;
}

/** The event that ended an attempt; undefined: it was cut short, or goes on. */
export function endOf({ steps }: Attempt): HistoryEvent | undefined {
  return steps.find(({ type }) => /(Succeeded|Failed|TimedOut)$/.test(type));
}

/** Of an activity's task: the name of the worker that has taken it. */
export function workerOf({ steps }: Attempt): string | undefined {
  const started = steps.find(({ type }) => type === 'ActivityStarted');
  return started && String(detailsOf(started).workerName);
}

/** The one details member that an event has. */
export function detailsOf(event: HistoryEvent): Readonly<Record<string, unknown>> {
  const entry = Object.entries(event).find(([name]) => name.endsWith('EventDetails'));
  return (entry?.[1] as Readonly<Record<string, unknown>> | undefined) ?? {};
}

/** True of `postgres:execute`. */
export function runsSql({ scheduled }: Attempt): boolean {
  return detailsOf(scheduled).resourceType === 'postgres';
}

/** True of an activity's task. */
export function isForActivity({ scheduled }: Attempt): boolean {
  return scheduled.type === 'ActivityScheduled';
}

/** True of `states:startExecution`. */
export function startsChild({ scheduled }: Attempt): boolean {
  return detailsOf(scheduled).resourceType === 'states';
}
