import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { drawId } from './batch.ts';
import type { Database } from './database.ts';
import type { Redrive, RedriveOutcome } from './execution.ts';
import { type RedriveFacts, redriveRefusal } from './redrivability.ts';
import { type RetryPolicy, retrying } from './retryable-errors.ts';
import { type JournalHead, lastEventTime } from './stop.ts';

interface LockedRow extends RedriveFacts, JournalHead {
  redrive_count: number;
  repeated_ms: number | null;
  time_ms: number;
}

/**
 * Sets a closed execution going again, in one transaction. Whether it may is decided under its lock, so that of two
 * redrives one wins, and by the database's clock. A call with a known token is answered before all else.
 */
export function redriveExecution(
  database: Database,
  retry: RetryPolicy,
  executionId: string,
  { clientToken, body }: Redrive,
): Promise<RedriveOutcome> {
  // Also without the client's: the transaction may come again because its answer was lost.
  const token = clientToken ?? randomUUID();
  const appendId = drawId();
  let isRepeated = false;
  return retrying(retry, () =>
    database.transaction().execute(async (transaction): Promise<RedriveOutcome> => {
      const { rows } = await sql<LockedRow>`
        select * from statehouse.lock_for_redrive(${executionId}, ${token})`.execute(transaction);
      const [locked] = rows;
      if (locked === undefined) return { kind: 'gone' };
      if (locked.repeated_ms !== null) return { kind: 'redriven', redrivenAt: locked.repeated_ms };
      // A clock that has leapt meanwhile makes a token old at once.
      const earlier = isRepeated ? await rowOf(transaction, executionId, appendId) : undefined;
      isRepeated = true;
      if (earlier !== undefined) return { kind: 'redriven', redrivenAt: lastEventTime(earlier) };
      const refusal = redriveRefusal(locked);
      if (refusal !== undefined) return { kind: 'refused', refusal };
      const redrivenAt = Math.max(locked.time_ms, lastEventTime(locked));
      const row = body({
        id: locked.next_event_id,
        time: redrivenAt,
        redriveCount: locked.redrive_count + 1,
      });
      await sql`
        select statehouse.redrive(${executionId}, ${appendId}, ${row}, ${token}, ${redrivenAt})`.execute(
        transaction,
      );
      return { kind: 'redriven', redrivenAt };
    }),
  );
}

/** The row of an attempt whose COMMIT was not answered. */
function rowOf(database: Database, executionId: string, appendId: number): Promise<JournalHead | undefined> {
  return database
    .selectFrom('journal')
    .select(['first_event_id as head_first_event_id', 'body as head_body'])
    .where('execution_id', '=', executionId)
    .where('append_id', '=', String(appendId))
    .executeTakeFirst();
}
