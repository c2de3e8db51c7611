import { sql } from 'kysely';
import pg from 'pg';
import { type AppendEntry, appendArguments } from './append.ts';
import { drawId } from './batch.ts';
import type { Database } from './database.ts';
import type { Append, AppendOutcome } from './lease.ts';
import { type RetryPolicy, retrying } from './retryable-errors.ts';
import type { ExecutionOwner, UncommittedEffect } from './sql-task.ts';
import type { SqlTaskProofs } from './sql-task-proofs.ts';
import type { SqlTaskSession } from './sql-task-session.ts';

export interface EffectOptions {
  readonly session: SqlTaskSession;
  readonly owner: ExecutionOwner;
  readonly proofs: SqlTaskProofs;
  /** With the rights of Statehouse. */
  readonly database: Database;
  readonly retry: RetryPolicy;
  /** COMMIT was refused: there is no effect, and there will be none. */
  readonly refused: (error: pg.DatabaseError) => void;
}

/** The append ends the transaction that the statement has run in. */
export class SqlTaskEffect implements UncommittedEffect {
  readonly #options: EffectOptions;

  constructor(options: EffectOptions) {
    this.#options = options;
  }

  async commitWith(append: Append): Promise<AppendOutcome> {
    const { session, owner } = this.#options;
    if (append.executionId !== owner.executionId || append.epoch !== owner.epoch)
      throw new Error('an effect commits with an append of its own execution');
    const entry = { ...append, appendId: drawId() };
    try {
      if (await this.#append(entry)) return await this.#commit(entry);
    } finally {
      await session.rollback();
    }
    return 'lost';
  }

  async rollback(): Promise<void> {
    await this.#options.session.rollback();
  }

  /** Without a cast: what a name means in a session of somebody else's SQL is nothing to rely on. */
  async #append(entry: AppendEntry): Promise<boolean> {
    const { session, proofs, database } = this.#options;
    const proof = await proofs.of('append', entry);
    const call = sql`select won from statehouse.append_sql_task(${proof}, ${appendArguments([entry])})`;
    const { sql: text, parameters } = call.compile(database);
    const row = await session.query<{ won: string[] | null }>(text, parameters);
    return row?.won?.includes(entry.executionId) === true;
  }

  async #commit(entry: AppendEntry): Promise<AppendOutcome> {
    const { session, refused } = this.#options;
    try {
      await session.commit();
      return 'won';
    } catch (error) {
      const isAlive = await session.rollback();
      if (!isAlive && (await this.#isWritten(entry))) return 'won';
      if (!isAlive || !(error instanceof pg.DatabaseError)) throw error;
      refused(error);
      return 'lost';
    }
  }

  /** COMMIT was not answered. Until it is decided its transaction has the row's lock, which is waited for here. */
  #isWritten({ executionId, seq, appendId }: AppendEntry): Promise<boolean> {
    const { database, retry } = this.#options;
    return retrying(retry, () =>
      database.transaction().execute(async (transaction) => {
        await transaction
          .selectFrom('executions')
          .select('id')
          .where('id', '=', executionId)
          .forNoKeyUpdate()
          .execute();
        const row = await transaction
          .selectFrom('journal')
          .select('append_id')
          .where('execution_id', '=', executionId)
          .where('seq', '=', seq)
          .executeTakeFirst();
        return row?.append_id === String(appendId);
      }),
    );
  }
}
