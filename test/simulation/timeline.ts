/**
 * The one order in which everything happens. What is to happen lies on a line of virtual time; what stands at the same
 * moment is in the order of the dice. After each happening, whatever follows from it without waiting runs to its end.
 */
import type { Dice } from '../chaos/dice.ts';

interface Happening {
  readonly at: number;
  /** Decides between those of one moment. */
  readonly rank: number;
  readonly label: string;
  readonly run: () => void;
  isCalledOff: boolean;
}

/** Taken before anything is sealed (sealed.ts). */
const soon = globalThis.setImmediate;

/** Node runs those that wait without a turn of its loop between them, which costs as much as what happens. */
const HAPPENINGS_A_TURN = 64;

export class Timeline {
  readonly #dice: Dice;
  readonly #heap: Happening[] = [];
  readonly #seen: ((line: string) => void) | undefined;
  #now = 0;
  #happened = 0;
  #hash = 0x811c9dc5;

  /** @param seen gets a line for each happening */
  constructor(dice: Dice, seen?: (line: string) => void) {
    this.#dice = dice;
    this.#seen = seen;
  }

  /** Virtual ms since the beginning. */
  get now(): number {
    return this.#now;
  }

  get happened(): number {
    return this.#happened;
  }

  /** Of all that has happened, in its order: equal traces, equal runs. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  /**
   * @param label says in the trace what it is
   * @returns calls it off
   */
  after(delayMs: number, label: string, run: () => void): () => void {
    const at = this.#now + Math.max(delayMs, 0);
    const happening = { at, rank: this.#dice.between(0, 2 ** 30), label, run, isCalledOff: false };
    this.#push(happening);
    return () => {
      happening.isCalledOff = true;
    };
  }

  /**
   * Lets one thing happen after the other, until that is enough or nothing is left.
   * @param isEnough is asked before each of them
   */
  async runUntil(isEnough: () => boolean): Promise<void> {
    let isOver = false;
    const happen = (failed: (error: unknown) => void): void => {
      try {
        isOver ||= isEnough() || !this.#happen();
      } catch (error) {
        isOver = true;
        failed(error);
      }
    };
    // Each has a macrotask, which comes when no microtask is left: nothing that runs here waits for anything real.
    while (!isOver)
      await new Promise<void>((resolve, reject) => {
        for (let n = 0; n < HAPPENINGS_A_TURN; n++) soon(happen, reject);
        soon(resolve);
      });
  }

  /** Lets the next thing happen. False: nothing is left. */
  #happen(): boolean {
    let next = this.#pop();
    while (next?.isCalledOff) next = this.#pop();
    if (next === undefined) return false;
    this.#now = next.at;
    this.#happened++;
    this.note(next.label);
    next.run();
    return true;
  }

  /** Adds a line to the trace. */
  note(label: string): void {
    const line = `${this.#now} ${label}`;
    for (let i = 0; i < line.length; i++) this.#hash = Math.imul(this.#hash ^ line.charCodeAt(i), 0x01000193);
    this.#seen?.(line);
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = heap[(at - 1) >> 1] as Happening;
      if (!isBefore(happening, parent)) break;
      heap[at] = parent;
    }
    heap[at] = happening;
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Happening)) child++;
      if (!isBefore(heap[child] as Happening, last)) break;
      heap[at] = heap[child] as Happening;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.rank < b.rank);
}
