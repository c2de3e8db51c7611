/**
 * Waits that end, attempts that time out and retries that begin before their time, by the database's clock at the commit
 * that says so. Histories alone cannot tell: a worker whose idea of the time is wrong writes wrong times.
 */
import type { JournalEvent } from '../../runtime/index.ts';
import type { CommittedEvent } from './evidence.ts';
import type { Tables } from './model/tables.ts';

/** What workers reckon between two answers of the database is in whole ms. */
const TOLERANCE_MS = 2;

/** @param journals by execution */
export function* earlyTimersIn(
  tables: Tables,
  journals: ReadonlyMap<string, readonly CommittedEvent[]>,
): Iterable<{ rule: 'timersAreNotEarly'; sentence: string }> {
  for (const row of tables.executions.values()) {
    const { definition } = tables.revision(row.revisionRowId);
    const states = statesIn(JSON.parse(definition));
    const events = journals.get(row.id) ?? [];
    const byId = new Map(events.map((committed) => [committed.event.id, committed.event]));
    for (const { event, committedAt } of events) {
      const began = byId.get(event.previousEventId);
      const pauseMs = began && pauseBefore(event, began, byId, states);
      if (began === undefined || pauseMs === undefined) continue;
      const passedMs = committedAt - began.timestamp;
      if (passedMs + TOLERANCE_MS < pauseMs)
        yield {
          rule: 'timersAreNotEarly',
          sentence: `${row.name}: event ${event.id} ${event.type} came after ${passedMs} of ${pauseMs} ms`,
        };
    }
  }
}

/** How long it must be from one event to the next; undefined: no timer is between them. */
function pauseBefore(
  event: JournalEvent,
  began: JournalEvent,
  byId: ReadonlyMap<number, JournalEvent>,
  states: ReadonlyMap<string, StateFields>,
): number | undefined {
  if (event.type === 'WaitStateExited') return secondsOf(states.get(event.details.name)?.Seconds);
  const isTimeout = event.type === 'LambdaFunctionTimedOut' || event.type === 'TaskTimedOut';
  if (isTimeout) return secondsOf(stateOf(began, byId, states)?.TimeoutSeconds);
  const isScheduled = event.type === 'LambdaFunctionScheduled' || event.type === 'TaskScheduled';
  if (!isScheduled || !/(Failed|TimedOut)$/.test(began.type)) return undefined;
  return secondsOf(stateOf(began, byId, states)?.Retry?.[0]?.IntervalSeconds);
}

function secondsOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** The state that an event belongs to. */
function stateOf(
  event: JournalEvent,
  byId: ReadonlyMap<number, JournalEvent>,
  states: ReadonlyMap<string, StateFields>,
): StateFields | undefined {
  for (let at: JournalEvent | undefined = event; at !== undefined; at = byId.get(at.previousEventId))
    if (at.type === 'TaskStateEntered') return states.get(at.details.name);
  return undefined;
}

interface StateFields {
  readonly Seconds?: number;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly { readonly IntervalSeconds: number }[];
  readonly Branches?: readonly Scope[];
  readonly ItemProcessor?: Scope;
}
interface Scope {
  readonly States: Readonly<Record<string, StateFields>>;
}

/** By name: names are unique over all scopes. */
function statesIn({ States }: Scope): Map<string, StateFields> {
  return new Map(
    Object.entries(States).flatMap(([name, state]) => {
      const inner = [...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])];
      return [[name, state] as const, ...inner.flatMap((scope) => [...statesIn(scope)])];
    }),
  );
}
