import type { Clock } from '../telemetry/clock.ts';

interface Alarm<Owner> {
  readonly at: number;
  readonly owner: Owner;
}

/** Cancelled alarms stay in the heap until they are due, or until they outnumber the rest by this many. */
const CANCELLED_MAX = 1000;

/** The database's time may be calibrated anew meanwhile, so a far alarm is looked at again after this long. */
const LOOK_AGAIN_MS = 1000;

/**
 * One alarm for each owner, and one timer of Node for all of them: a binary heap by time. Thousands of live
 * executions with a deadline each cost a heap entry each.
 */
export class Alarms<Owner> {
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #ring: (owner: Owner) => void;
  readonly #byOwner = new Map<Owner, Alarm<Owner>>();
  #heap: Alarm<Owner>[] = [];
  #cancelTimer: (() => void) | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  /** @param now the time that alarms are set in, ms since 1970 */
  constructor(clock: Clock, now: () => number, ring: (owner: Owner) => void) {
    this.#clock = clock;
    this.#now = now;
    this.#ring = ring;
  }

  /** Sets the owner's alarm in place of the one it had. */
  set(owner: Owner, at: number): void {
    if (this.#byOwner.get(owner)?.at === at) return;
    const alarm = { at, owner };
    this.#byOwner.set(owner, alarm);
    if (this.#heap.length > 2 * this.#byOwner.size + CANCELLED_MAX) this.#rebuild();
    else this.#push(alarm);
    this.#arm();
  }

  clear(owner: Owner): void {
    this.#byOwner.delete(owner);
    if (this.#byOwner.size === 0) this.#reset();
  }

  #reset(): void {
    this.#heap = [];
    this.#disarm();
  }

  #ringDue(): void {
    this.#disarm();
    const now = this.#now();
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#pop();
      if (this.#byOwner.get(first.owner) !== first) continue;
      this.#byOwner.delete(first.owner);
      this.#ring(first.owner);
    }
    this.#arm();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.at >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#timerAt = first.at;
    const delayMs = Math.min(Math.max(first.at - this.#now(), 0), LOOK_AGAIN_MS);
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#ringDue());
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const alarm of this.#byOwner.values()) this.#push(alarm);
  }

  #push(alarm: Alarm<Owner>): void {
    const heap = this.#heap;
    let at = heap.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = heap[(at - 1) >> 1] as Alarm<Owner>;
      if (parent.at <= alarm.at) break;
      heap[at] = parent;
    }
    heap[at] = alarm;
  }

  /** Takes the first alarm off the heap. */
  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      if (right !== undefined && right.at < (heap[child] as Alarm<Owner>).at) child++;
      const smaller = heap[child] as Alarm<Owner>;
      if (smaller.at >= last.at) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
  }
}
