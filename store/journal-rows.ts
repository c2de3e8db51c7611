import { type RawBuilder, sql } from 'kysely';
import type { Database } from './database.ts';
import type { JournalRange, JournalRow } from './execution.ts';
import type { RowRange } from './lease.ts';

export async function readJournal(
  database: Database,
  executionId: string,
  { from, to, bytesMax = Number.POSITIVE_INFINITY, countsFrom = 'first' }: JournalRange,
): Promise<JournalRow[]> {
  const direction = sql.raw(countsFrom === 'first' ? 'asc' : 'desc');
  // The length of a text is known without reading it: those that go beyond stay where they are.
  const { rows } = await sql<StoredRow>`
    select seq, first_event_id, body from (
      select seq, first_event_id, body,
        sum(octet_length(body)) over (order by seq ${direction}) - octet_length(body) as bytes_before
      from statehouse.journal
      where execution_id = ${executionId}
        and seq between ${seqOf(executionId, Math.max(from, 1))} and ${seqOf(executionId, to)}
    ) row
    where bytes_before < ${bytesMax}::float8 order by seq`.execute(database);
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

/**
 * Of the row that holds an event: the last one that begins at or before it. Found by halving, because a long history has
 * many rows.
 */
function seqOf(executionId: string, eventId: number): RawBuilder<number> {
  return sql<number>`(
    with recursive half (low, high) as (
      select 1, (select max(seq) from statehouse.journal where execution_id = ${executionId})
      union all
      select case when middle.first_event_id <= ${eventId} then middle.seq else low end,
        case when middle.first_event_id <= ${eventId} then high else middle.seq - 1 end
      from half cross join lateral (
        select seq, first_event_id from statehouse.journal
        where execution_id = ${executionId} and seq = (low + high + 1) / 2 limit 1) middle
      where low < high
    )
    select max(low) from half)`;
}
