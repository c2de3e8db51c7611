import { sql } from 'kysely';
import { FOLD_VERSION } from '../runtime/execution/snapshot.ts';
import type { Batch } from './batch.ts';
import { numbers, splitTexts } from './batch-columns.ts';
import { ClaimAttempts, type NumberedAttempt } from './claim-attempts.ts';
import type { Database } from './database.ts';
import type { JournalRow } from './execution.ts';
import type { Claim, ClaimBounds, Mail } from './lease.ts';

export interface ClaimEntry extends ClaimBounds {
  readonly executionId: string;
  readonly workerId: string;
  /** Random: by it a claim whose answer was lost finds itself. */
  readonly claimId: number;
}

/** Claims of one process, whose attempts are numbered. */
export function claimBatch(): Batch<ClaimEntry, Claim | undefined> {
  const attempts = new ClaimAttempts();
  return {
    name: 'claim',
    key: (entry) => entry.executionId,
    bytes: () => 0,
    write: (database, entries) => attempts.make((attempt) => writeClaims(database, entries, attempt)),
  };
}

interface ClaimRow {
  execution_id: string;
  epoch: number;
  head_seq: number;
  next_event_id: number;
  signals: number;
  revision_id: string;
  snapshot_seq: number | null;
  snapshot_body: string | null;
  journal_seqs: number[] | null;
  journal_first_event_ids: number[] | null;
  journal_bodies: string | null;
  mail_ids: string[] | null;
  mail_event_ids: number[] | null;
  mail_kinds: string | null;
  mail_bodies: string | null;
  mail_left: number;
}

export async function writeClaims(
  database: Database,
  entries: readonly ClaimEntry[],
  { attempt, revoked }: NumberedAttempt,
): Promise<readonly (Claim | undefined)[]> {
  const { rows } = await sql<ClaimRow>`
    select * from statehouse.claim(
      ${numbers(entries.map((entry) => entry.executionId))},
      ${numbers(entries.map((entry) => entry.workerId))},
      ${numbers(entries.map((entry) => entry.claimId))},
      ${FOLD_VERSION}, ${attempt}, ${revoked},
      ${numbers(entries.map((entry) => entry.bytesMax))},
      ${numbers(entries.map((entry) => entry.mailBytesMax))})`.execute(database);
  const claims = new Map(rows.map((row) => [row.execution_id, toClaim(row)]));
  return entries.map((entry) => claims.get(entry.executionId));
}

function toClaim(row: ClaimRow): Claim {
  return {
    executionId: row.execution_id,
    epoch: row.epoch,
    headSeq: row.head_seq,
    nextEventId: row.next_event_id,
    signals: row.signals,
    revisionRowId: row.revision_id,
    snapshot:
      row.snapshot_seq === null || row.snapshot_body === null
        ? undefined
        : { seq: row.snapshot_seq, version: FOLD_VERSION, body: row.snapshot_body },
    journal: journalOf(row),
    mail: mailOf(row),
    mailLeft: row.mail_left,
  };
}

function journalOf(row: ClaimRow): JournalRow[] {
  const bodies = splitTexts(row.journal_bodies);
  return (row.journal_seqs ?? []).map((seq, index) => ({
    seq,
    firstEventId: row.journal_first_event_ids?.[index] as number,
    body: bodies[index] as string,
  }));
}

function mailOf(row: ClaimRow): Mail[] {
  const kinds = splitTexts(row.mail_kinds) as Mail['kind'][];
  const bodies = splitTexts(row.mail_bodies);
  return (row.mail_ids ?? []).map((id, index) => ({
    id,
    executionId: row.execution_id,
    epoch: row.epoch,
    signals: row.signals,
    kind: kinds[index] as Mail['kind'],
    scheduledEventId: row.mail_event_ids?.[index] as number,
    body: bodies[index] as string,
  }));
}
