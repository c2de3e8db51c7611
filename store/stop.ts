import { sql } from 'kysely';
import { decodeEvents } from '../runtime/execution/codec.ts';
import { writeAppends } from './append.ts';
import { drawId } from './batch.ts';
import type { Database } from './database.ts';
import type { StopEnd, StoppedExecution } from './execution.ts';
import { type RetryPolicy, retrying } from './retryable-errors.ts';

/** The last row of a journal. */
export interface JournalHead {
  head_first_event_id: number;
  head_body: string;
}

interface SeizedRow extends JournalHead {
  revision_id: string;
  is_owned: boolean;
  epoch: number;
  head_seq: number;
  next_event_id: number;
  time_ms: number;
}

/**
 * Ends a running execution from outside: takes the right to append from its owner and appends the end itself, in
 * one transaction. Undefined: it was closed already.
 */
export function stopExecution(
  database: Database,
  retry: RetryPolicy,
  executionId: string,
  end: StopEnd,
): Promise<StoppedExecution | undefined> {
  const appendId = drawId();
  /** What an attempt would have done whose COMMIT was not answered. */
  let attempted: StoppedExecution | undefined;
  return retrying(retry, () =>
    database.transaction().execute(async (transaction) => {
      const { rows } = await sql<SeizedRow>`
        select seized.*, e.revision_id, e.owner is not null as is_owned
        from statehouse.executions e, lateral statehouse.seize(e.id, ${attempted?.seq ?? 0}, ${appendId}) seized
        where e.id = ${executionId}`.execute(transaction);
      const [seized] = rows;
      if (seized === undefined)
        return attempted && (await ifCommitted(transaction, executionId, appendId, attempted));
      const stoppedAt = Math.max(seized.time_ms, lastEventTime(seized));
      const eventId = seized.next_event_id;
      const seq = seized.head_seq + 1;
      await writeAppends(transaction, [
        {
          executionId,
          epoch: seized.epoch,
          seq,
          appendId,
          firstEventId: eventId,
          nextEventId: eventId + 1,
          body: end.body(eventId, stoppedAt),
          mail: [],
          openTokens: [],
          closedTokens: [],
          children: [],
          leftChildren: [],
          end: { status: end.status, stoppedAt, output: undefined, error: end.error, cause: end.cause },
        },
      ]);
      const { revision_id: revisionRowId, is_owned: wasOwned } = seized;
      attempted = { stoppedAt, eventId, seq, revisionRowId, wasOwned };
      return attempted;
    }),
  );
}

async function ifCommitted(
  transaction: Database,
  executionId: string,
  appendId: number,
  attempted: StoppedExecution,
): Promise<StoppedExecution | undefined> {
  const row = await transaction
    .selectFrom('journal')
    .select('append_id')
    .where('execution_id', '=', executionId)
    .where('seq', '=', attempted.seq)
    .executeTakeFirst();
  return Number(row?.append_id) === appendId ? attempted : undefined;
}

/** Times in a history never decrease, and the worker that wrote the last event has a clock of its own. */
export function lastEventTime({ head_body, head_first_event_id }: JournalHead): number {
  return decodeEvents(head_body, head_first_event_id).at(-1)?.timestamp ?? 0;
}
