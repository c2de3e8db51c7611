import { type RawBuilder, sql } from 'kysely';
import type { Database } from './database.ts';

/** What there is in the database at a moment. Ages are seconds, 0 where there is nothing. */
export interface Census {
  /** Jobs that no worker has fetched. */
  readonly jobs: number;
  /** Of the job whose turn is next. */
  readonly nextJobAge: number;
  /** Standard executions that nobody owns although their time has come; those set aside are none of them. */
  readonly due: number;
  readonly oldestDueAge: number;
  /** Standard executions that wait for a time or for news. */
  readonly parked: number;
  /** Standard executions that wait for a slot of their state machine. */
  readonly waiting: number;
  readonly oldestWaitingAge: number;
  /** Standard executions that workers own. */
  readonly owned: number;
  /** Standard executions that no worker takes any more. */
  readonly setAside: number;
  readonly expressDue: number;
  /** Of the one whose turn is next. */
  readonly nextExpressAge: number;
  readonly expressOwned: number;
  /** Tasks of activities that nobody has taken. */
  readonly activityTasks: number;
  readonly workers: number;
  readonly oldestHeartbeatAge: number;
}

/** So many of a kind are counted; there is one more at least when the count is one more. */
export const COUNTED_MAX = 10_000;

const TIMEOUT_MS = 2000;

/**
 * Counts what has indexes of its own to be counted by, each up to {@link COUNTED_MAX}: the cost is bounded, however
 * much there is. Beyond that, what is parked is as much as Postgres takes its index to hold, which is as of the last
 * vacuum or analysis.
 * @throws what the database throws, also when it takes longer than two seconds
 */
export function takeCensus(database: Database): Promise<Census> {
  return database
    .transaction()
    .setAccessMode('read only')
    .execute(async (transaction) => {
      // Other plans than index scans read more than they count.
      await sql`select set_config('statement_timeout', ${String(TIMEOUT_MS)}, true),
        set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
        set_config('jit', 'off', true)`.execute(transaction);
      const { rows } = await CENSUS.execute(transaction);
      const [row] = rows;
      if (row === undefined) throw new Error('A census has one row');
      const { unowned, ...census } = row;
      // Who waits for a slot was counted with those that are parked.
      const parked = estimated(census.parked, unowned - census.due) - census.waiting;
      return { ...census, parked: Math.max(parked, 0) };
    });
}

function estimated(counted: number, estimate: number): number {
  return counted <= COUNTED_MAX ? counted : Math.max(counted, estimate);
}

const UNOWNED = sql`statehouse.executions where owner is null and status = 'RUNNING'`;
const DUE = sql`${UNOWNED} and wake_at <= statehouse.now()
  and statehouse.strikes(executions) < statehouse.strikes_max()`;
const SET_ASIDE = sql`statehouse.suspects s
  join statehouse.executions e on e.id = s.execution_id and e.head_seq = s.struck_at_seq
  where e.status = 'RUNNING' and s.strikes >= statehouse.strikes_max()`;
const WAITING_EXPRESS = sql`statehouse.express_executions where owner is null and run_at <= statehouse.now()`;
const READY_JOBS = sql`graphile_worker._private_jobs where is_available and run_at <= now()`;

const CENSUS = sql<Census & { readonly unowned: number }>`select
  ${counted(READY_JOBS)} as jobs,
  ${age(sql`now()`, sql`select created_at from ${READY_JOBS} order by priority, run_at limit 1`)} as "nextJobAge",
  ${counted(DUE)} as due,
  ${age(sql`statehouse.now()`, sql`select wake_at from ${DUE} order by wake_at limit 1`)} as "oldestDueAge",
  ${counted(sql`${UNOWNED} and wake_at > statehouse.now()`)} as parked,
  ${counted(sql`statehouse.execution_slots where not held`)} as waiting,
  ${age(
    sql`statehouse.now()`,
    sql`select coalesce(e.redriven_at, e.started_at)
      from statehouse.execution_slots s join statehouse.executions e on e.id = s.execution_id
      where not s.held order by s.execution_id limit 1`,
  )} as "oldestWaitingAge",
  (select reltuples from pg_class where oid = 'statehouse.executions_due'::regclass)::float8 as unowned,
  ${counted(sql`statehouse.executions where owner is not null`)} as owned,
  ${counted(SET_ASIDE)} as "setAside",
  ${counted(WAITING_EXPRESS)} as "expressDue",
  ${age(
    sql`statehouse.now()`,
    sql`select run_at from ${WAITING_EXPRESS} order by turn, id limit 1`,
  )} as "nextExpressAge",
  ${counted(sql`statehouse.express_executions where owner is not null`)} as "expressOwned",
  ${counted(sql`statehouse.activity_tasks`)} as "activityTasks",
  (select count(*) from statehouse.workers)::int as workers,
  ${age(sql`statehouse.now()`, sql`select min(heartbeat_at) from statehouse.workers`)} as "oldestHeartbeatAge"`;

/** @param rows `<table> where <condition>` */
function counted(rows: RawBuilder<unknown>): RawBuilder<number> {
  return sql`(select count(*) from (select from ${rows} limit ${sql.lit(COUNTED_MAX + 1)}) as counted)::int`;
}

function age(now: RawBuilder<unknown>, oldest: RawBuilder<unknown>): RawBuilder<number> {
  return sql`coalesce(greatest(extract(epoch from ${now} - (${oldest})), 0), 0)::float8`;
}
