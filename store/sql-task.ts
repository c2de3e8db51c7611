/**
 * SQL of definitions on Statehouse's own database, in a transaction that the append of its result ends
 * (docs/decisions/0025-sql-tasks.md).
 */
import type { Append, AppendOutcome } from './lease.ts';

/** More rows than this are not read. */
export const SQL_ROWS_MAX = 1000;

export interface SqlTaskStore {
  /**
   * Runs a statement. Begins again when the connection breaks: nothing of it has happened then.
   * @throws the signal's reason, when it is aborted
   */
  run(task: SqlTask): Promise<SqlTaskOutcome>;
  /** Undefined: the role may run them, and is no more than that. Else what is wrong, and what to do. */
  check(): Promise<string | undefined>;
}

export interface SqlTask {
  /** Names the attempt: the same when another owner makes it again. */
  readonly attempt: string;
  readonly statement: string;
  /** As Postgres reads them. */
  readonly parameters: readonly (string | null)[];
  readonly isReadOnly: boolean;
  /** Who is to append the result; undefined: nobody, and its effect is rolled back. */
  readonly owner: ExecutionOwner | undefined;
  /** More than this is not read. */
  readonly maxResultBytes: number;
  readonly signal: AbortSignal;
}

export interface ExecutionOwner {
  readonly executionId: string;
  readonly epoch: number;
}

export type SqlTaskOutcome =
  | {
      readonly kind: 'succeeded';
      readonly rowCount: number;
      /** JSON text: an array of objects. */
      readonly rows: string;
      /** Undefined: there is none, or it is undone already. */
      readonly effect: UncommittedEffect | undefined;
    }
  | ({ readonly kind: 'failed' } & SqlFailure)
  | { readonly kind: 'tooManyRows' }
  | { readonly kind: 'tooManyBytes' }
  /** The execution has changed hands: nothing was run. */
  | { readonly kind: 'notOwner' };

export interface SqlFailure {
  /** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly sqlState: string;
  readonly message: string;
}

/** What an attempt has done, for nobody else to see: durable with the append of its result, or not at all. */
export interface UncommittedEffect {
  /** @throws what the database throws: then the row may be there or not, and only the journal can tell */
  commitWith(append: Append): Promise<AppendOutcome>;
  /** Nothing, once it is committed. Never throws. */
  rollback(): Promise<void>;
}
