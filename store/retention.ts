import { sql } from 'kysely';
import type { Database } from './database.ts';

/** What is over for so long that it is removed. Each call is one bounded transaction, and waits for nobody's locks. */
export interface RetentionStore {
  /**
   * Removes a batch of the executions that were closed longest ago, with all that hangs on them; their names are free
   * then. A batch may begin with the rest of a long journal whose execution an earlier one has removed.
   */
  removeExecutions(batch: RemovalBatch): Promise<Removal>;
  /**
   * Removes state machines that were deleted `retentionMs` ago and have no executions any more, and their revisions: at
   * most `limit` of either. Answers how many of both.
   */
  removeMachines(retentionMs: number, limit: number): Promise<number>;
}

export interface RemovalBatch {
  /** How long executions are kept after they were closed. */
  readonly retentionMs: number;
  /** Where the batch before ended, {@link Removal.next}; undefined: from the oldest on. */
  readonly after: number | undefined;
  readonly limits: {
    readonly executions: number;
    /** Rows of journals, and their bytes as they are stored. */
    readonly journalRows: number;
    readonly journalBytes: number;
  };
}
export interface Removal {
  readonly executions: number;
  readonly journalRows: number;
  /** Undefined: no more are due. */
  readonly next: number | undefined;
}

export function retentionStore(database: Database): RetentionStore {
  return {
    removeExecutions: (batch) => removeExecutions(database, batch),
    removeMachines: async (retentionMs, limit) => {
      const { rows } = await sql<{ removed: number }>`
        select statehouse.remove_machines(${retentionMs}, ${limit}) as removed`.execute(database);
      return rows[0]?.removed ?? 0;
    },
  };
}

async function removeExecutions(
  database: Database,
  { retentionMs, after, limits }: RemovalBatch,
): Promise<Removal> {
  const { rows } = await sql<{ removed: number; removed_rows: number; next_ms: number | null }>`
    select * from statehouse.remove_executions(${retentionMs}, ${after ?? null},
      ${limits.executions}, ${limits.journalRows}, ${limits.journalBytes})`.execute(database);
  const [row] = rows;
  return {
    executions: row?.removed ?? 0,
    journalRows: row?.removed_rows ?? 0,
    next: row?.next_ms ?? undefined,
  };
}
