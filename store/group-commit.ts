/**
 * Group commit: entries that are ready at the same moment are written together, one call for all.
 *
 * An entry is written at once while fewer than two batches are in flight; otherwise it is gathered until one of them
 * returns. So an idle process answers fast and a busy one writes big batches, without timers and knobs. Two, so
 * that one batch is on its way while the database works on the other.
 */
const MAX_IN_FLIGHT = 2;

export interface GroupCommitOptions<Entry, Outcome> {
  readonly maxEntries: number;
  /** Bound of the sum of {@link bytes} in a batch; one entry above it goes alone. */
  readonly maxBytes: number;
  /** Entries with the same key never stand in one batch; absent: any may. */
  readonly key?: ((entry: Entry) => string) | undefined;
  readonly bytes: (entry: Entry) => number;
  /** Writes a batch, all or nothing; one outcome for each entry, in order. */
  readonly write: (entries: readonly Entry[]) => Promise<readonly Outcome[]>;
  /** True: the batch failed through some of its entries, and the others shall not suffer. */
  readonly isFaultOfEntry: (error: unknown) => boolean;
}

interface Waiting<Entry, Outcome> {
  readonly entry: Entry;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit<Entry, Outcome> {
  readonly #options: GroupCommitOptions<Entry, Outcome>;
  #waiting: Waiting<Entry, Outcome>[] = [];
  #inFlight = 0;
  #flushScheduled = false;
  #idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions<Entry, Outcome>) {
    this.#options = options;
  }

  /** Resolves with the entry's outcome once its batch is written; rejects with what the write threw for it. */
  submit(entry: Entry): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#scheduleFlush();
    });
  }

  /** Resolves once everything submitted so far has been answered. */
  drain(): Promise<void> {
    if (this.#waiting.length === 0 && this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Not at once but after the current turn: what is submitted in one go shall go together. */
  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#inFlight >= MAX_IN_FLIGHT) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#inFlight < MAX_IN_FLIGHT && this.#waiting.length > 0) void this.#commit(this.#takeBatch());
  }

  async #commit(batch: readonly Waiting<Entry, Outcome>[]): Promise<void> {
    this.#inFlight++;
    await this.#write(batch);
    this.#inFlight--;
    if (this.#waiting.length > 0) this.#scheduleFlush();
    else if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #takeBatch(): Waiting<Entry, Outcome>[] {
    const { maxEntries, maxBytes, key, bytes } = this.#options;
    const batch: Waiting<Entry, Outcome>[] = [];
    const later: Waiting<Entry, Outcome>[] = [];
    const keys = new Set<string>();
    let size = 0;
    let next = 0;
    for (; next < this.#waiting.length && batch.length < maxEntries; next++) {
      const waiting = this.#waiting[next] as Waiting<Entry, Outcome>;
      const entryKey = key?.(waiting.entry);
      if (entryKey !== undefined && keys.has(entryKey)) {
        later.push(waiting);
        continue;
      }
      size += bytes(waiting.entry);
      if (size > maxBytes && batch.length > 0) break;
      if (entryKey !== undefined) keys.add(entryKey);
      batch.push(waiting);
    }
    this.#waiting = later.concat(this.#waiting.slice(next));
    return batch;
  }

  /** Halves a batch that fails through an entry until the guilty stand alone. */
  async #write(batch: readonly Waiting<Entry, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#options.write(batch.map((waiting) => waiting.entry));
      batch.forEach((waiting, index) => {
        waiting.resolve(outcomes[index] as Outcome);
      });
    } catch (error) {
      if (batch.length === 1 || !this.#options.isFaultOfEntry(error)) {
        for (const waiting of batch) waiting.reject(error);
        return;
      }
      const middle = batch.length >> 1;
      await this.#write(batch.slice(0, middle));
      await this.#write(batch.slice(middle));
    }
  }
}
