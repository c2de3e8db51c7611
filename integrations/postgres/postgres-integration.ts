/**
 * `arn:aws:states:::postgres:execute`, which AWS does not have: SQL on Statehouse's own database, committed by the append
 * that records its result (docs/sql-tasks.md, docs/decisions/0025-sql-tasks.md).
 */
import { type Failure, States } from '../../runtime/failures/failure.ts';
import type { ExecutionLimits } from '../../runtime/index.ts';
import { isPostgres, type TaskResource } from '../../runtime/machine/resource.ts';
import { type ExecutionOwner, SQL_ROWS_MAX, type SqlTaskOutcome } from '../../store/sql-task.ts';
import type { Store } from '../../store/store.ts';
import type { RepeatableIntegration, TaskCall, TaskResult, UncommittedResult } from '../integration.ts';
import { readExecuteParameters } from './execute-parameters.ts';

export interface PostgresOptions {
  /** Asked for when first needed. */
  readonly store: () => Pick<Store, 'sqlTasks'>;
  /** What state machines may raise their own limits to. */
  readonly ceilings: ExecutionLimits;
}

/** What travels is larger than its JSON by this at most, or is too large for any execution. */
const TRAVEL_FACTOR = 4;
const TRAVEL_BYTES_MIN = 1024 * 1024;

export class PostgresIntegration implements RepeatableIntegration {
  readonly name = 'postgres';
  readonly recovery = 'repeatable';
  readonly #store: PostgresOptions['store'];
  readonly #maxResultBytes: number;

  constructor({ store, ceilings }: PostgresOptions) {
    this.#store = store;
    this.#maxResultBytes = TRAVEL_BYTES_MIN + TRAVEL_FACTOR * ceilings.maxPayloadBytes;
  }

  serves(resource: TaskResource): boolean {
    return isPostgres(resource) && this.#store().sqlTasks !== undefined;
  }

  lost(): Failure {
    return { error: States.TaskFailed, cause: 'The statement was given up, and has had no effect.' };
  }

  attempt(task: TaskCall, owner: ExecutionOwner): Promise<TaskResult | UncommittedResult> {
    return this.#run(task, owner);
  }

  /** Without an append that it could be part of, it is rolled back. */
  invoke(task: TaskCall): Promise<TaskResult> {
    return this.#run(task, undefined);
  }

  async close(): Promise<void> {}

  async #run(task: TaskCall, owner: ExecutionOwner | undefined): Promise<TaskResult | UncommittedResult> {
    const sqlTasks = this.#store().sqlTasks;
    if (sqlTasks === undefined) throw new Error('SQL tasks are not served here');
    const parameters = readExecuteParameters(task.input);
    if ('failure' in parameters) return { kind: 'failed', failure: parameters.failure };
    const outcome = await sqlTasks.run({
      ...parameters,
      attempt: task.idempotencyKey,
      owner,
      maxResultBytes: this.#maxResultBytes,
      signal: task.signal,
    });
    if (outcome.kind !== 'succeeded') return { kind: 'failed', failure: failureOf(outcome) };
    const output = `{"RowCount":${outcome.rowCount},"Rows":${outcome.rows}}`;
    const { effect } = outcome;
    return { kind: 'succeeded', output, ...(effect && { effect }) };
  }
}

function failureOf(outcome: Exclude<SqlTaskOutcome, { kind: 'succeeded' }>): Failure {
  switch (outcome.kind) {
    case 'failed':
      return { error: `Postgres.${outcome.sqlState}`, cause: outcome.message };
    case 'tooManyRows':
      return { error: States.DataLimitExceeded, cause: TOO_MANY_ROWS };
    case 'tooManyBytes':
      return { error: States.DataLimitExceeded, cause: TOO_MANY_BYTES };
    case 'notOwner':
      // Nobody will see it: the append that records it is lost.
      return { error: States.TaskFailed, cause: 'The execution has changed hands.' };
  }
}

const TOO_MANY_ROWS = `The state/task 'postgres' returned a result with more than ${SQL_ROWS_MAX} rows.`;
const TOO_MANY_BYTES = `The state/task 'postgres' returned a result with a size exceeding the maximum number of bytes service limit.`;
