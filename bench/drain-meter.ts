import type { LeaseStore } from '../store/store.ts';

/**
 * Clocks how long a worker takes to drain a store: from its first claim to its last end. It stands between the two
 * and asks the database nothing, for a query that looks for what is left would compete with what it measures.
 */
export class DrainMeter {
  /** To be given to the worker in place of the store's own. */
  readonly leases: LeaseStore;
  #firstClaim: number | undefined;
  #left: number;
  readonly #drained = Promise.withResolvers<void>();

  /** @param executions how many there are to drain */
  constructor(leases: LeaseStore, executions: number) {
    this.#left = executions;
    this.leases = {
      claim: (executionId, workerId) => {
        this.#firstClaim ??= performance.now();
        return leases.claim(executionId, workerId);
      },
      append: async (append) => {
        const outcome = await leases.append(append);
        if (outcome === 'won' && append.end !== undefined && --this.#left === 0) this.#drained.resolve();
        return outcome;
      },
      park: (park) => leases.park(park),
      mail: (workerId) => leases.mail(workerId),
      closeTokens: (closing) => leases.closeTokens(closing),
      signal: (signal) => leases.signal(signal),
    };
  }

  /** Resolves when all executions have ended, with the seconds that they took. */
  async drained(): Promise<number> {
    await this.#drained.promise;
    return (performance.now() - (this.#firstClaim ?? Number.NaN)) / 1000;
  }
}
