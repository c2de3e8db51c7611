import { sql } from 'kysely';
import { numbers, texts } from './batch-columns.ts';
import type { Database } from './database.ts';
import { escapeName } from './free-text.ts';
import type { TokenClosing } from './lease.ts';
import { type RetryPolicy, retrying } from './retryable-errors.ts';

/** Under the execution's lock, as signals are posted: so each of them either is seen here, or finds its token closed. */
export function closeTokens(
  database: Database,
  retry: RetryPolicy,
  { executionId, epoch, attempts }: TokenClosing,
): Promise<'closed' | 'news' | 'lost'> {
  return retrying(retry, () =>
    database.transaction().execute(async (transaction) => {
      const owned = await transaction
        .selectFrom('executions')
        .select('id')
        .where('id', '=', executionId)
        .where('owner_epoch', '=', epoch)
        .forNoKeyUpdate()
        .executeTakeFirst();
      if (owned === undefined) return 'lost';
      const eventIds = attempts.map(({ scheduledEventId }) => scheduledEventId);
      const mail = await transaction
        .selectFrom('mailbox')
        .select('scheduled_event_id')
        .distinct()
        .where('execution_id', '=', executionId)
        .where(sql<boolean>`scheduled_event_id = any (${numbers(eventIds)}::int[])`)
        .execute();
      const withNews = new Set(mail.map((item) => item.scheduled_event_id));
      const closing = attempts.filter(({ scheduledEventId }) => !withNews.has(scheduledEventId));
      await sql`
        select statehouse.close_tokens(array[${executionId}::bigint],
          array_fill(${executionId}::bigint, array[${closing.length}::int]),
          statehouse.texts(${texts(closing.map(({ token }) => escapeName(token)))}))`.execute(transaction);
      return closing.length < attempts.length ? 'news' : 'closed';
    }),
  );
}
