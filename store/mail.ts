/** Reads mail that no journal row has folded yet, in pages: any amount of it may have come. */
import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { Mail, MailPage, MailRange } from './lease.ts';

/**
 * By executions, not by ids alone: a piece may be committed after others with higher ids, but none of the same execution.
 * @see LeaseStore.mail
 */
export async function readMail(
  database: Database,
  workerId: string,
  { after = '0', limit }: MailRange,
): Promise<MailPage> {
  const rows = await database
    .selectFrom('mailbox as m')
    .innerJoin('executions as e', 'e.id', 'm.execution_id')
    .select([
      'm.id',
      'm.execution_id',
      'e.owner_epoch',
      'e.signals',
      'm.kind',
      'm.scheduled_event_id',
      'm.body',
    ])
    .where('e.owner', '=', workerId)
    .where('m.execution_id', '>', after)
    .orderBy('m.execution_id')
    .orderBy('m.id')
    .limit(limit)
    .execute();
  return {
    mail: rows.map(toMail),
    continuesAfter: rows.length < limit ? undefined : rows.at(-1)?.execution_id,
  };
}

/** Heartbeats have next to no text. */
const PIECES_MAX = 1000;

/** @see LeaseStore.mailOf */
export async function readMailOf(database: Database, executionId: string, bytesMax: number): Promise<Mail[]> {
  // The length of a text is known without reading it: those that go beyond stay where they are.
  const { rows } = await sql<StoredMail>`
    select m.*, e.owner_epoch, e.signals from (
      select *, sum(octet_length(body)) over (order by id rows unbounded preceding) - octet_length(body) as bytes_before
      from statehouse.mailbox where execution_id = ${executionId}
      order by id limit ${PIECES_MAX}
    ) m join statehouse.executions e on e.id = m.execution_id
    where bytes_before < ${bytesMax} order by m.id`.execute(database);
  return rows.map(toMail);
}

interface StoredMail {
  id: string;
  execution_id: string;
  owner_epoch: number;
  signals: number;
  kind: Mail['kind'];
  scheduled_event_id: number;
  body: string;
}

function toMail(row: StoredMail): Mail {
  return {
    id: row.id,
    executionId: row.execution_id,
    epoch: row.owner_epoch,
    signals: row.signals,
    kind: row.kind,
    scheduledEventId: row.scheduled_event_id,
    body: row.body,
  };
}
