/**
 * Says what is wrong with a closed execution's history, whatever its state machine: what every history of AWS
 * has in common. Tests that crash things on purpose read every history with it.
 */
import type { HistoryEvent } from '../../cli/client.ts';

type Check = (history: History) => Iterable<string>;

interface History {
  readonly events: readonly HistoryEvent[];
  readonly byId: ReadonlyMap<number, HistoryEvent>;
  /** The events that chain to one. */
  readonly after: ReadonlyMap<number, readonly HistoryEvent[]>;
}

const CHECKS: readonly Check[] = [
  idsAreDense,
  chainsLeadBack,
  timesDoNotRunBackwards,
  startsAndEndsOnce,
  callsEnd,
  statesAreLeft,
];

const EXECUTION_END = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/;
const CALL = /^(LambdaFunction|Activity|Task)(Scheduled|Started|Submitted)$/;
const CALL_END =
  /^(LambdaFunction|Activity|Task)(Succeeded|Failed|TimedOut|ScheduleFailed|StartFailed|SubmitFailed)$/;

/** @returns one sentence a fault; none when the history is well-formed */
export function historyFaults(events: readonly HistoryEvent[]): string[] {
  const after = Map.groupBy(events, (event) => event.previousEventId);
  const history: History = { events, byId: new Map(events.map((event) => [event.id, event])), after };
  return CHECKS.flatMap((check) => [...check(history)]);
}

/** The ids of the events that scheduled a task's attempts: with the ARN they make its idempotency keys. */
export function scheduledEventIds(events: readonly HistoryEvent[]): number[] {
  return events
    .filter((event) => /^(LambdaFunction|Activity|Task)Scheduled$/.test(event.type))
    .map((event) => event.id);
}

function* idsAreDense({ events }: History): Iterable<string> {
  for (const [i, event] of events.entries()) {
    if (event.id !== i + 1) yield `event ${i + 1} has the id ${event.id}`;
  }
}

/** A chain may begin anew (0) only where AWS's does: at the start, at the first state, at an end from outside. */
function* chainsLeadBack({ events, byId }: History): Iterable<string> {
  // Not always event 2: an execution that is stopped at once may be redriven before it has entered any.
  const firstState = events.find(({ type }) => type.endsWith('StateEntered'));
  for (const event of events) {
    const { id, previousEventId, type } = event;
    const mayBegin =
      id === 1 || event === firstState || type === 'ExecutionAborted' || type === 'ExecutionTimedOut';
    if (previousEventId >= id) yield `${name(event)} chains forward to ${previousEventId}`;
    else if (previousEventId === 0 ? !mayBegin : !byId.has(previousEventId)) {
      yield `${name(event)} chains to ${previousEventId}, which is no event`;
    }
  }
}

function* timesDoNotRunBackwards({ events }: History): Iterable<string> {
  for (const [i, event] of events.entries()) {
    const before = events[i - 1];
    if (before && before.timestamp > event.timestamp) yield `${name(event)} is earlier than ${name(before)}`;
  }
}

function* startsAndEndsOnce({ events }: History): Iterable<string> {
  if (events[0]?.type !== 'ExecutionStarted') yield 'the first event is not ExecutionStarted';
  if (!EXECUTION_END.test(events.at(-1)?.type ?? '')) yield 'the last event does not end the execution';
  for (const event of events.slice(1))
    if (event.type === 'ExecutionStarted') yield `${name(event)}: it starts again`;
  for (const [i, event] of events.slice(0, -1).entries()) {
    const isRedriven = events[i + 1]?.type === 'ExecutionRedriven';
    if (EXECUTION_END.test(event.type) && !isRedriven) yield `${name(event)}: it goes on after its end`;
    if (!EXECUTION_END.test(event.type) && isRedriven) yield `${name(event)}: it is redriven before its end`;
  }
}

/** Each step of a call is followed by exactly one other, unless an end around it cuts it short. */
function* callsEnd(history: History): Iterable<string> {
  for (const event of history.events) {
    if (!CALL.test(event.type)) continue;
    const next = (history.after.get(event.id) ?? []).filter(
      ({ type }) => CALL.test(type) || CALL_END.test(type),
    );
    if (next.length > 1) yield `${name(event)} goes on twice: ${next.map(name).join(', ')}`;
    if (next.length === 0 && !isCutShort(event, history)) yield `${name(event)} has no end`;
  }
}

/** Where nothing failed beside others, a success leaves every state that was entered. */
function* statesAreLeft({ events }: History): Iterable<string> {
  if (events.at(-1)?.type !== 'ExecutionSucceeded' || !allWentWell(events)) return;
  const open = new Map<string, number>();
  for (const event of events) {
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    if (typeof entered === 'string') open.set(entered, (open.get(entered) ?? 0) + 1);
    if (typeof exited !== 'string') continue;
    const count = (open.get(exited) ?? 0) - 1;
    if (count < 0) yield `${name(event)} leaves "${exited}", which was not entered`;
    open.set(exited, count);
  }
  for (const [state, count] of open) if (count > 0) yield `"${state}" is entered but never left`;
}

/** The execution ended from outside before the call did; or a Parallel or Map around it failed, beside the call. */
function isCutShort(event: HistoryEvent, history: History): boolean {
  const { events } = history;
  const end = events.find(({ id, type }) => id > event.id && EXECUTION_END.test(type));
  if (end === undefined || end.type === 'ExecutionAborted' || end.type === 'ExecutionTimedOut') return true;
  const succeeded = new Set(
    events
      .filter(({ id, type }) => id < end.id && SCOPE_SUCCEEDED.test(type))
      .flatMap((success) => scopesAround(success, history)[0]?.id ?? []),
  );
  return scopesAround(event, history).some(({ id }) => !succeeded.has(id));
}

const SCOPE_STARTED = /^(Parallel|Map)StateStarted$/;
const SCOPE_SUCCEEDED = /^(Parallel|Map)StateSucceeded$/;
const SCOPE_FAILED = /^(Parallel|Map)StateFailed$/;
const SCOPE_LEFT = /^(Parallel|Map)StateExited$/;

/** The Started events of the Parallel and Map states that an event is in, the innermost first. */
function scopesAround(event: HistoryEvent, { byId }: History): HistoryEvent[] {
  const scopes: HistoryEvent[] = [];
  let left = 0; // that the chain leads through, and has left again
  let isLeaving = false;
  for (let at = before(event, byId); at !== undefined; at = before(at, byId)) {
    // What is left after a failure has said so twice.
    if (SCOPE_LEFT.test(at.type) || (SCOPE_FAILED.test(at.type) && !isLeaving)) left++;
    isLeaving = SCOPE_LEFT.test(at.type);
    if (!SCOPE_STARTED.test(at.type)) continue;
    if (left > 0) left--;
    else scopes.push(at);
  }
  return scopes;
}

function before(event: HistoryEvent, byId: History['byId']): HistoryEvent | undefined {
  return event.previousEventId < event.id ? byId.get(event.previousEventId) : undefined;
}

function allWentWell(events: readonly HistoryEvent[]): boolean {
  return !events.some(({ type }) =>
    /(Aborted|ParallelStateFailed|MapStateFailed|ExecutionFailed)$/.test(type),
  );
}

function name(event: HistoryEvent): string {
  return `event ${event.id} ${event.type}`;
}
