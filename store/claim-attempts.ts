/** One attempt to claim: of a batch that is sent again, each is another one. */
export interface NumberedAttempt {
  /** Rises with each attempt of a process. */
  readonly attempt: number;
  /** Attempts up to this one take nothing any more, once this one is served; 0: none are meant. */
  readonly revoked: number;
}

/**
 * An attempt that was not answered may still be on its way, and be served when its repetition has won and the execution has
 * been given back: it would take the execution for a worker that does not know of it. So the next attempt revokes it. An
 * earlier one that is still to be answered may be revoked with it: then its executions are claimed a few seconds later.
 */
export class ClaimAttempts {
  #last = 0;
  /** The last one that failed and has not been revoked. */
  #failed = 0;

  /** @throws what `claim` throws */
  async make<T>(claim: (attempt: NumberedAttempt) => Promise<T>): Promise<T> {
    const attempt = ++this.#last;
    const revoked = this.#failed;
    try {
      const claimed = await claim({ attempt, revoked });
      if (this.#failed === revoked) this.#failed = 0;
      return claimed;
    } catch (error) {
      this.#failed = Math.max(this.#failed, attempt);
      throw error;
    }
  }
}
