import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { JournalRange, JournalRow } from './execution.ts';
import type { RowRange } from './lease.ts';

export async function readJournal(
  database: Database,
  executionId: string,
  { from, to, bytesMax = Number.POSITIVE_INFINITY, countsFrom = 'first' }: JournalRange,
): Promise<JournalRow[]> {
  const { rows } = await sql<StoredRow>`
    select * from statehouse.read_journal(
      ${executionId}, ${from}, ${to}, ${bytesMax}, ${countsFrom === 'last'})`.execute(database);
  return rows.map(toJournalRow);
}

/** Rows without an event that the API shows have no event ids of their own, so pages of them go by `seq`. */
const PAGE_ROWS_MAX = 10_000;

/** @see LeaseStore.rows */
export async function readRows(
  database: Database,
  executionId: string,
  { after, to, bytesMax }: RowRange,
): Promise<JournalRow[]> {
  const { rows } = await sql<StoredRow>`
    select seq, first_event_id, body from (
      select seq, first_event_id, body,
        sum(octet_length(body)) over (order by seq rows unbounded preceding) - octet_length(body) as bytes_before
      from statehouse.journal
      where execution_id = ${executionId} and seq > ${after} and seq <= ${to}
      order by seq limit ${PAGE_ROWS_MAX}
    ) row
    where bytes_before < ${bytesMax} order by seq`.execute(database);
  return rows.map(toJournalRow);
}

interface StoredRow {
  seq: number;
  first_event_id: number;
  body: string;
}

function toJournalRow(row: StoredRow): JournalRow {
  return { seq: row.seq, firstEventId: row.first_event_id, body: row.body };
}
