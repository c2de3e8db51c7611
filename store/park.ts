import { sql } from 'kysely';
import type { Batch } from './batch.ts';
import { inLockOrder, numbers, texts } from './batch-columns.ts';
import type { Database } from './database.ts';
import type { Park } from './lease.ts';

export const parkBatch: Batch<Park, boolean> = {
  name: 'park',
  key: (park) => park.executionId,
  bytes: (park) => park.snapshot?.body.length ?? 0,
  write: writeParks,
};

async function writeParks(database: Database, entries: readonly Park[]): Promise<readonly boolean[]> {
  const parks = inLockOrder(entries);
  const snapshots = parks.flatMap(({ executionId, snapshot }) =>
    snapshot === undefined ? [] : [{ executionId, ...snapshot }],
  );
  const { rows } = await sql<{ kept: string[] }>`
    select kept from statehouse.park(
      ${numbers(parks.map((park) => park.executionId))},
      ${numbers(parks.map((park) => park.epoch))},
      ${numbers(parks.map((park) => park.signals))},
      ${numbers(parks.map((park) => park.wakeAt))},
      ${numbers(snapshots.map((snapshot) => snapshot.executionId))},
      ${numbers(snapshots.map((snapshot) => snapshot.seq))},
      ${numbers(snapshots.map((snapshot) => snapshot.version))},
      ${texts(snapshots.map((snapshot) => snapshot.body))})`.execute(database);
  const kept = new Set(rows[0]?.kept);
  return entries.map((park) => !kept.has(park.executionId));
}
