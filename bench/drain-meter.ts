import type { LeaseStore } from '../store/store.ts';

/** What a worker has done since its start; times are in ms since 1970. */
export interface Progress {
  /** Undefined before it. */
  readonly firstClaimAt: number | undefined;
  /** Executions that have succeeded. */
  readonly ended: number;
  readonly lastEndAt: number;
}

/**
 * Counts what a worker does. It stands between the worker and the store and asks the database nothing, for a query that
 * looks for what is left would compete with what is measured.
 */
export class DrainMeter {
  /** To be given to the worker in place of the store's own. */
  readonly leases: LeaseStore;
  #firstClaimAt: number | undefined;
  #ended = 0;
  #lastEndAt = Number.NaN;

  /** @param failed called when an execution ends otherwise than well */
  constructor(leases: LeaseStore, failed: (executionId: string, status: string) => void) {
    this.leases = {
      ...leases,
      claim: (executionId, workerId) => {
        this.#firstClaimAt ??= now();
        return leases.claim(executionId, workerId);
      },
      append: async (append) => {
        const outcome = await leases.append(append);
        if (outcome === 'won' && append.end !== undefined) {
          if (append.end.status !== 'SUCCEEDED') failed(append.executionId, append.end.status);
          this.#ended++;
          this.#lastEndAt = now();
        }
        return outcome;
      },
    };
  }

  get progress(): Progress {
    return { firstClaimAt: this.#firstClaimAt, ended: this.#ended, lastEndAt: this.#lastEndAt };
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
