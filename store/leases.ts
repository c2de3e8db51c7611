/** What the owner of an execution does, each call batched with its like (architecture.md §2, §3). */
import { FOLD_VERSION } from '../runtime/execution/snapshot.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { appendBatch } from './append.ts';
import { drawId, groupCommit } from './batch.ts';
import { claimBatch } from './claim.ts';
import { closeTokens } from './close-tokens.ts';
import type { Database } from './database.ts';
import { readRows } from './journal-rows.ts';
import type { LeaseStore, OwnedLease, Snapshot } from './lease.ts';
import { readMail, readMailOf } from './mail.ts';
import { parkBatch } from './park.ts';
import type { RetryPolicy } from './retryable-errors.ts';
import { signalBatch } from './signal.ts';

export function leaseStore(
  database: Database,
  { retry, retryResults }: Record<'retry' | 'retryResults', RetryPolicy>,
  metrics: Metrics,
): LeaseStore & { drain(): Promise<unknown> } {
  const claims = groupCommit(database, retry, claimBatch(), metrics);
  const appends = groupCommit(database, retryResults, appendBatch, metrics);
  const parks = groupCommit(database, retry, parkBatch, metrics);
  const signals = groupCommit(database, retry, signalBatch, metrics);
  return {
    claim: (executionId, workerId, bounds) =>
      claims.submit({ executionId, workerId, claimId: drawId(), ...bounds }),
    snapshot: (executionId) => readSnapshot(database, executionId),
    rows: (executionId, range) => readRows(database, executionId, range),
    append: (append) => appends.submit({ ...append, appendId: drawId() }),
    park: (park) => parks.submit(park),
    closeTokens: (closing) => closeTokens(database, retry, closing),
    signal: (signal) => signals.submit({ ...signal, signalId: drawId() }),
    mail: (workerId, range) => readMail(database, workerId, range),
    mailOf: (executionId, bytesMax) => readMailOf(database, executionId, bytesMax),
    owned: (workerId) => ownedBy(database, workerId),
    drain: () => Promise.all([claims.drain(), appends.drain(), parks.drain(), signals.drain()]),
  };
}

async function readSnapshot(database: Database, executionId: string): Promise<Snapshot | undefined> {
  return database
    .selectFrom('snapshots')
    .select(['seq', 'version', 'body'])
    .where('execution_id', '=', executionId)
    .where('version', '=', FOLD_VERSION)
    .executeTakeFirst();
}

async function ownedBy(database: Database, workerId: string): Promise<OwnedLease[]> {
  const rows = await database
    .selectFrom('executions')
    .select(['id', 'owner_epoch', 'signals'])
    .where('owner', '=', workerId)
    .execute();
  return rows.map((row) => ({ executionId: row.id, epoch: row.owner_epoch, signals: row.signals }));
}
