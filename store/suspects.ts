/** Executions that may have ended the worker that ran them (migrations/, statehouse.suspects). */
import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Database } from './database.ts';
import { quoteText, unescapeName, unquoteText } from './free-text.ts';
import { placeText } from './place.ts';

/** What a worker does about suspects: it leaves them to others, takes them as any, or takes nothing else. */
export type SuspectPolicy = 'left' | 'taken' | 'only';

/**
 * An execution gets a strike when the worker that ran it has died, and when it met a fault; an append clears it. With two
 * it is only for workers that take suspects, with five it is set aside: no worker takes it any more.
 */
export interface SuspectStore {
  /** Counts a strike for a fault. `setAside`: it was the last one. */
  strike(executionId: string, reason: string): Promise<'suspected' | 'setAside'>;
  /** A suspect that waits for a worker that takes suspects; undefined: none does. */
  next(): Promise<string | undefined>;
  /** There are some, Express executions among them. */
  areWaiting(): Promise<boolean>;
  /** Those of a place that are set aside, the longest first. */
  setAside(place: ArnPlace, limit: number): Promise<SetAsideExecution[]>;
  /** Of an execution that is set aside. */
  find(executionId: string): Promise<SetAside | undefined>;
  /** An execution that was set aside is run again, as if it had no strike. False: it was not. */
  retry(executionId: string): Promise<boolean>;
}

export interface SetAside {
  /** ms since 1970 */
  readonly since: number;
  /** What happened the last time. */
  readonly reason: string;
}
export interface SetAsideExecution extends SetAside {
  readonly stateMachineName: string;
  readonly name: string;
}

/** Enough of an error's message to tell what it is about. */
const REASON_CHARACTERS_MAX = 1000;

export function suspectStore(database: Database): SuspectStore {
  return {
    strike: (executionId, reason) => strike(database, executionId, reason),
    next: async () => {
      const { rows } = await sql<{ id: string }>`
        select id from statehouse.waiting_suspects(1) as id`.execute(database);
      return rows[0]?.id;
    },
    areWaiting: async () => {
      const { rows } = await sql<{ are: boolean }>`
        select exists (select from statehouse.waiting_suspects(1)) or exists (
          select from statehouse.express_executions
          where owner is null and strikes >= 2 and strikes < statehouse.strikes_max()
            and run_at <= statehouse.now()) as are`.execute(database);
      return rows[0]?.are ?? false;
    },
    setAside: (place, limit) => setAside(database, place, limit),
    find: (executionId) => find(database, executionId),
    retry: async (executionId) => {
      const { rows } = await sql<{ retried: boolean }>`
        select statehouse.retry_set_aside(${executionId}) as retried`.execute(database);
      return rows[0]?.retried ?? false;
    },
  };
}

async function strike(
  database: Database,
  executionId: string,
  reason: string,
): Promise<'suspected' | 'setAside'> {
  const { rows } = await sql<{ set_aside: string[] | null }>`
    select set_aside from statehouse.strike(
      array[${executionId}::bigint], ${quoteText(reason.slice(0, REASON_CHARACTERS_MAX))})`.execute(database);
  return rows[0]?.set_aside ? 'setAside' : 'suspected';
}

/** Its strikes count only as long as it has not gone on. */
function setAsideRows(database: Database) {
  return database
    .selectFrom('suspects as s')
    .innerJoin('executions as e', (join) =>
      join.onRef('e.id', '=', 's.execution_id').onRef('e.head_seq', '=', 's.struck_at_seq'),
    )
    .where('e.status', '=', 'RUNNING')
    .where('s.strikes', '>=', sql<number>`statehouse.strikes_max()`);
}

async function setAside(database: Database, place: ArnPlace, limit: number): Promise<SetAsideExecution[]> {
  const rows = await setAsideRows(database)
    .innerJoin('state_machines as m', 'm.id', 'e.state_machine_id')
    .select(['m.name as state_machine_name', 'e.name', 's.struck_at', 's.reason'])
    .where('m.place', '=', placeText(place))
    .orderBy('s.struck_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    stateMachineName: unescapeName(row.state_machine_name),
    name: unescapeName(row.name),
    since: row.struck_at.getTime(),
    reason: unquoteText(row.reason),
  }));
}

async function find(database: Database, executionId: string): Promise<SetAside | undefined> {
  const row = await setAsideRows(database)
    .select(['s.struck_at', 's.reason'])
    .where('e.id', '=', executionId)
    .executeTakeFirst();
  return row && { since: row.struck_at.getTime(), reason: unquoteText(row.reason) };
}
