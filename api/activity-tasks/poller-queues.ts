import type { ActivityTask, WaitingWorker } from '../../store/activity.ts';

/**
 * `none`: there was no task in time. `missing`: the activity does not exist (any more). `lost`: there may have been a task, which
 * nobody will get any more.
 */
export type Polled = ActivityTask | 'none' | 'missing' | 'lost';

/** A worker that waits for a task. */
export interface Poller extends WaitingWorker {
  /** By the clock: when it has waited long enough. */
  readonly deadline: number;
  /** Aborted when nobody is there any more to take a task. */
  readonly gone: AbortSignal;
  readonly hangUp: () => void;
  readonly answer: (polled: Polled) => void;
}

/** Pollers by activity, first come, first served. All wait equally long: so they stand in the order of their deadlines too. */
export class PollerQueues {
  readonly #byActivity = new Map<string, Set<Poller>>();
  readonly #all = new Set<Poller>();

  get size(): number {
    return this.#all.size;
  }

  get activityIds(): Iterable<string> {
    return this.#byActivity.keys();
  }

  /** The one whose deadline comes first. */
  get first(): Poller | undefined {
    const [first] = this.#all;
    return first;
  }

  all(): Iterable<Poller> {
    return this.#all;
  }

  of(activityId: string): ReadonlySet<Poller> {
    return this.#byActivity.get(activityId) ?? EMPTY;
  }

  *due(now: number): Iterable<Poller> {
    for (const poller of this.#all) {
      if (poller.deadline > now) return;
      yield poller;
    }
  }

  add(poller: Poller): void {
    this.#all.add(poller);
    const queue = this.#byActivity.get(poller.activityId);
    if (queue) queue.add(poller);
    else this.#byActivity.set(poller.activityId, new Set([poller]));
  }

  /** False: it was not there. */
  remove(poller: Poller): boolean {
    const queue = this.#byActivity.get(poller.activityId);
    queue?.delete(poller);
    if (queue?.size === 0) this.#byActivity.delete(poller.activityId);
    return this.#all.delete(poller);
  }
}

const EMPTY: ReadonlySet<Poller> = new Set();
