import type { LeaseStore } from '../store/lease.ts';

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
  readonly #failed: (executionId: string, status: string) => void;
  #firstClaimAt: number | undefined;
  #ended = 0;
  #lastEndAt = Number.NaN;

  /** @param failed called when an execution ends otherwise than well */
  constructor(leases: LeaseStore, failed: (executionId: string, status: string) => void) {
    this.#failed = failed;
    this.leases = {
      ...leases,
      claim: (executionId, ...rest) => {
        this.#firstClaimAt ??= now();
        return leases.claim(executionId, ...rest);
      },
      append: async (append) => {
        const outcome = await leases.append(append);
        if (outcome === 'won' && append.end !== undefined) this.#end(append.executionId, append.end.status);
        return outcome;
      },
    };
  }

  get progress(): Progress {
    return { firstClaimAt: this.#firstClaimAt, ended: this.#ended, lastEndAt: this.#lastEndAt };
  }

  #end(executionId: string, status: string): void {
    if (status === 'SUCCEEDED') {
      this.#ended++;
      this.#lastEndAt = now();
    } else {
      this.#failed(executionId, status);
    }
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
