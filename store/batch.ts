/** A batched SQL call: gathered by group commit, tried again when the database fails for a moment. */
import { randomInt } from 'node:crypto';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import type { Database } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { isRetryable, type RetryPolicy, retrying } from './retryable-errors.ts';

export interface Batch<Entry, Outcome> {
  /** What it is measured under. */
  readonly name: string;
  /** Entries with the same key never stand in one batch; absent: any may. */
  readonly key?: (entry: Entry) => string;
  /** Absent: as many as gain something. */
  readonly maxEntries?: number;
  /** About how much text the entry carries. */
  readonly bytes: (entry: Entry) => number;
  /**
   * One round trip, one transaction; one outcome for each entry, in order. A batch whose answer was lost is written
   * again: entries that it wrote already must find themselves.
   */
  readonly write: (database: Database, entries: readonly Entry[]) => Promise<readonly Outcome[]>;
}

// Past these sizes a batch gains nothing and delays those who wait for it.
const MAX_ENTRIES = 500;
const MAX_BYTES = 4 * 1024 * 1024;

export function groupCommit<Entry, Outcome>(
  database: Database,
  retry: RetryPolicy,
  batch: Batch<Entry, Outcome>,
  metrics: Metrics,
): GroupCommit<Entry, Outcome> {
  const labels = { 'statehouse.store.call': batch.name };
  return new GroupCommit({
    maxEntries: batch.maxEntries ?? MAX_ENTRIES,
    maxBytes: MAX_BYTES,
    key: batch.key,
    bytes: batch.bytes,
    async write(entries) {
      metrics.record('statehouse.store.batch.size', entries.length, labels);
      const sentAt = performance.now();
      try {
        return await retrying(retry, () => batch.write(database, entries));
      } finally {
        metrics.record('statehouse.store.batch.duration', (performance.now() - sentAt) / 1000, labels);
      }
    },
    isFaultOfEntry: (error) => !isRetryable(error),
  });
}

/** What a write bears so that it can be told later whose it was. */
export function drawId(): number {
  return randomInt(2 ** 48 - 1);
}
