import pg from 'pg';
import { pause } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import type { Database } from './database.ts';
import type { RetryPolicy } from './retryable-errors.ts';
import type { SecretStore } from './secret.ts';
import { repeatedName, rowsToJson } from './sql-rows.ts';
import type { ExecutionOwner, SqlFailure, SqlTask, SqlTaskOutcome, SqlTaskStore } from './sql-task.ts';
import { SqlTaskEffect } from './sql-task-effect.ts';
import { SqlTaskProofs } from './sql-task-proofs.ts';
import { sqlTaskRoleProblem } from './sql-task-role.ts';
import { type SqlTaskSession, TooManyBytes, TooManyRows } from './sql-task-session.ts';
import { SqlTaskSessions, type SqlTasksOptions } from './sql-task-sessions.ts';

interface Surroundings {
  readonly database: Database;
  readonly retry: RetryPolicy;
  readonly secrets: SecretStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const FIRST_DELAY_MS = 10;
const LONGEST_DELAY_MS = 1000;
/** A statement under which the connection is lost so often is to blame itself. */
const LOSSES_MAX = 5;
/** Attempts whose COMMIT was refused, remembered until they are made again. */
const REFUSED_MAX = 1000;

const CONNECTION_FAILURE = '08006';
const DUPLICATE_COLUMN = '42701';
const READ_ONLY_TRANSACTION = '25006';

/** The statement has not run, or its connection broke: nothing has happened, and it may be tried again. */
class ConnectionTrouble extends Error {
  override readonly name = 'ConnectionTrouble';
  readonly hadBegun: boolean;

  constructor(cause: unknown, hadBegun: boolean) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.hadBegun = hadBegun;
  }
}

export class SqlTasks implements SqlTaskStore {
  readonly #surroundings: Surroundings;
  readonly #sessions: SqlTaskSessions;
  readonly #proofs: SqlTaskProofs;
  readonly #refused = new Map<string, SqlFailure>();

  constructor(options: SqlTasksOptions, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#sessions = new SqlTaskSessions(options, surroundings.metrics, surroundings.logger);
    this.#proofs = new SqlTaskProofs(surroundings.secrets);
  }

  async run(task: SqlTask): Promise<SqlTaskOutcome> {
    const refused = this.#refused.get(task.attempt);
    if (this.#refused.delete(task.attempt) && refused !== undefined) return { kind: 'failed', ...refused };
    let losses = 0;
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
      task.signal.throwIfAborted();
      try {
        return await this.#try(task);
      } catch (error) {
        task.signal.throwIfAborted();
        if (!(error instanceof ConnectionTrouble)) throw error;
        if (error.hadBegun && ++losses === LOSSES_MAX)
          return {
            kind: 'failed',
            sqlState: CONNECTION_FAILURE,
            message: `the connection was lost ${losses} times under this statement`,
          };
        const { logger } = this.#surroundings;
        logger.warn({ err: error.cause, delayMs: delay }, 'an SQL task could not run, trying again');
      }
      await pause(this.#surroundings.retry.clock, delay * (0.5 + Math.random() / 2), task.signal);
    }
  }

  check(): Promise<string | undefined> {
    return sqlTaskRoleProblem(this.#sessions, this.#surroundings.database, this.#proofs);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  async #try(task: SqlTask): Promise<SqlTaskOutcome> {
    const { signal, owner, isReadOnly } = task;
    const session = await orTrouble(this.#sessions.begin(isReadOnly));
    const end = (): void => session.end();
    signal.addEventListener('abort', end);
    try {
      if (signal.aborted) end(); // while it waited for a connection
      if (owner !== undefined && !(await orTrouble(this.#isOwner(session, owner)))) {
        await session.rollback();
        return { kind: 'notOwner' };
      }
      return await this.#runIn(session, task);
    } catch (error) {
      return await failed(session, task, error);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  async #isOwner(session: SqlTaskSession, { executionId, epoch }: ExecutionOwner): Promise<boolean> {
    const proof = await this.#proofs.of('open', { executionId, epoch, seq: 0 });
    const row = await session.query<{ is_owner: boolean }>(
      'select statehouse.open_sql_task($1, $2, $3) as is_owner',
      [proof, executionId, epoch],
    );
    return row?.is_owner === true;
  }

  async #runIn(session: SqlTaskSession, task: SqlTask): Promise<SqlTaskOutcome> {
    const { statement, parameters, maxResultBytes, owner, isReadOnly, attempt } = task;
    const { rowCount, columns, rows } = await session.run(statement, parameters, maxResultBytes);
    const name = repeatedName(columns);
    if (name !== undefined) {
      await session.rollback();
      const message = `column "${name}" stands in the result more than once: give each a name of its own`;
      return { kind: 'failed', sqlState: DUPLICATE_COLUMN, message };
    }
    const isWritable = await session.settle();
    if (!isWritable && !isReadOnly) {
      await session.rollback();
      const message = 'the statement has made its transaction read-only: its result could not be recorded';
      return { kind: 'failed', sqlState: READ_ONLY_TRANSACTION, message };
    }
    const succeeded = { kind: 'succeeded', rowCount, rows: rowsToJson(columns, rows) } as const;
    if (owner === undefined || isReadOnly) {
      await session.rollback();
      return { ...succeeded, effect: undefined };
    }
    const { database, retry } = this.#surroundings;
    const refused = (error: pg.DatabaseError): void => this.#remember(attempt, failureOf(error));
    const effect = new SqlTaskEffect({ session, owner, proofs: this.#proofs, database, retry, refused });
    return { ...succeeded, effect };
  }

  /** Or an attempt whose COMMIT is refused would be made again for ever. */
  #remember(attempt: string, failure: SqlFailure): void {
    const [oldest] = this.#refused.keys();
    if (this.#refused.size >= REFUSED_MAX && oldest !== undefined) this.#refused.delete(oldest);
    this.#refused.set(attempt, failure);
  }
}

async function orTrouble<Result>(step: Promise<Result>): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    throw new ConnectionTrouble(error, false);
  }
}

/** @throws ConnectionTrouble; what is no failure of the statement's */
async function failed(
  session: SqlTaskSession,
  { isReadOnly }: SqlTask,
  error: unknown,
): Promise<SqlTaskOutcome> {
  if (error instanceof TooManyRows || error instanceof TooManyBytes) {
    session.end();
    return { kind: error instanceof TooManyRows ? 'tooManyRows' : 'tooManyBytes' };
  }
  const isAlive = await session.rollback();
  if (error instanceof ConnectionTrouble) throw error;
  if (!isAlive) throw new ConnectionTrouble(error, true);
  if (!(error instanceof pg.DatabaseError)) throw error;
  // A standby that was the primary before a failover.
  if (error.code === READ_ONLY_TRANSACTION && !isReadOnly) throw new ConnectionTrouble(error, true);
  return { kind: 'failed', ...failureOf(error) };
}

function failureOf({ code = 'XX000', message, detail }: pg.DatabaseError): SqlFailure {
  return { sqlState: code, message: detail === undefined ? message : `${message}\n${detail}` };
}
