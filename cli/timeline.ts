/**
 * A history told to a person: the events that matter, each with when, where and what. AWS's history is flat;
 * what runs inside what is found by following each event to the one it chains to.
 */
import type { HistoryEvent } from './client.ts';
import {
  isFailure,
  iterationDetails,
  type Remark,
  remarkOn,
  type Seen,
  stateName,
  turnTaken,
} from './timeline-remarks.ts';

export interface TimelineEntry extends Remark {
  /** Seconds since the execution started. */
  readonly seconds: number;
  /** In how many Parallel branches and Map iterations it happened. */
  readonly depth: number;
  /** The state, with the item's index in a Map: `Pack item [2]`; empty for the execution itself. */
  readonly state: string;
}

/** Where an event happened: a state that was entered, an iteration of a Map, or the execution itself. */
interface Place {
  readonly kind: string;
  readonly state: string;
  readonly item: number | undefined;
  /** The Parallel state or Map iteration around it. */
  readonly around: Place | undefined;
  readonly depth: number;
}

const EXECUTION: Place = { kind: 'Execution', state: '', item: undefined, around: undefined, depth: 0 };

export class Timeline {
  readonly #seen = new Map<number, Seen & { readonly place: Place }>();
  #startTime: number | undefined;

  /** Takes the next event, in the order of their ids, and tells what is worth telling of it. */
  add(event: HistoryEvent): TimelineEntry[] {
    this.#startTime ??= event.timestamp;
    const before = this.#seen.get(event.previousEventId);
    const place = placeOf(event, before?.event, before?.place ?? EXECUTION);
    const seen = { event, place, retries: retriesAt(event, before), caught: isCaught(event, before?.event) };
    this.#seen.set(event.id, seen);

    const turn = before && turnTaken(event, before);
    const remark = remarkOn(seen, before?.event);
    return [
      ...(before && turn ? [this.#entry(event, before.place, turn)] : []),
      ...(remark ? [this.#entry(event, place, remark)] : []),
    ];
  }

  #entry(event: HistoryEvent, place: Place, remark: Remark): TimelineEntry {
    const seconds = event.timestamp - (this.#startTime ?? event.timestamp);
    const state = place.item === undefined ? place.state : `${place.state} [${place.item}]`;
    return { seconds, depth: place.depth, state, ...remark };
  }
}

function placeOf(event: HistoryEvent, before: HistoryEvent | undefined, near: Place): Place {
  const { type } = event;
  if (type.startsWith('Execution')) return EXECUTION;
  if (type.endsWith('StateEntered')) return enteredPlace(event, before, near);
  if (type === 'MapIterationStarted') {
    const map = enclosing(near, (place) => place.kind === 'Map' && place.state === stateName(event));
    const index = Number(iterationDetails(event)?.index);
    return { kind: 'MapIteration', state: map.state, item: index, around: map, depth: map.depth + 1 };
  }
  // Events of a Parallel or Map state itself chain to events of the branches within.
  const container = /^(Parallel|Map)State(Started|Succeeded|Failed|Exited)$/.exec(type)?.[1];
  if (container) {
    const name = stateName(event);
    return enclosing(
      near,
      (place) => place.kind === container && (name === undefined || place.state === name),
    );
  }
  return type.startsWith('MapIteration') ? enclosing(near, (place) => place.kind === 'Map') : near;
}

function enteredPlace(event: HistoryEvent, before: HistoryEvent | undefined, near: Place): Place {
  const kind = event.type.replace('StateEntered', '');
  const state = stateName(event) ?? '';
  const opensBranch = before?.type === 'ParallelStateStarted' || before?.type === 'MapIterationStarted';
  if (!opensBranch) return { kind, state, item: near.item, around: near.around, depth: near.depth };
  const depth = near.kind === 'MapIteration' ? near.depth : near.depth + 1;
  return { kind, state, item: near.item, around: near, depth };
}

/** The innermost place around `place`, itself included, of which the condition holds. */
function enclosing(place: Place, holds: (place: Place) => boolean): Place {
  for (let at: Place | undefined = place; at; at = at.around) if (holds(at)) return at;
  return EXECUTION;
}

function retriesAt(event: HistoryEvent, before: Seen | undefined): number {
  if (before === undefined || event.type.endsWith('StateEntered')) return 0;
  const again = /(Scheduled|StateStarted)$/.test(event.type) && isFailure(before.event.type);
  return before.retries + (again ? 1 : 0);
}

function isCaught(event: HistoryEvent, before: HistoryEvent | undefined): boolean {
  return event.type.endsWith('StateExited') && before !== undefined && isFailure(before.type);
}
