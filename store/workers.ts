import { sql } from 'kysely';
import type { Logger } from '../telemetry/log.ts';
import type { Connections, Database } from './database.ts';
import { listen } from './listen.ts';
import type { WorkerNews, WorkerRegistration, WorkerStore } from './worker.ts';

const NOW_MS = sql<number>`floor(extract(epoch from statehouse.now()) * 1000)::float8`;
const WAL_POSITION = sql<string>`statehouse.wal_position()`;

export function workerStore({ database, urgent, newClient }: Connections, logger: Logger): WorkerStore {
  return {
    register: (info) => register(database, info),
    heartbeat: (worker) => heartbeat(urgent, worker),
    unregister: (workerId) => unregister(database, workerId),
    wakeDue: async (jobsMax, begunMax) => {
      const { rows } = await sql<{ woken: number }>`
        select statehouse.wake_due(${jobsMax}, ${begunMax}) as woken`.execute(database);
      return rows[0]?.woken ?? 0;
    },
    reconcile: async (timeoutMs) => {
      const { rows } = await sql<ReconcileRow>`
        select * from statehouse.reconcile(${timeoutMs})`.execute(database);
      const [row] = rows;
      return {
        deadWorkers: row?.dead_workers ?? 0,
        rescued: row?.released ?? 0,
        setAside: row?.set_aside ?? [],
        dropped: row?.dropped ?? [],
      };
    },
    dropAbandonedJobs: (takenForMs) => dropAbandonedJobs(database, takenForMs),
    forgetSignals: (sentForMs) => forgetSignals(database, sentForMs),
    listen: (workerId, news) =>
      listen({
        newClient,
        channel: 'statehouse_news',
        onPayload: (payload) => {
          const item = parseNews(payload, workerId);
          if (item) news(item);
        },
        onReconnect: () => news({ kind: 'reconnected' }),
        logger,
      }),
  };
}

interface ReconcileRow {
  dead_workers: number;
  released: number;
  set_aside: string[] | null;
  dropped: string[] | null;
}

async function register(
  database: Database,
  info: Parameters<WorkerStore['register']>[0],
): Promise<WorkerRegistration> {
  const row = await database
    .insertInto('workers')
    .values({
      ...info,
      heartbeat_at: sql`statehouse.now()`,
      incarnation: sql`statehouse.incarnation()`,
    })
    .returning(['id', 'incarnation', WAL_POSITION.as('wal_position'), NOW_MS.as('time')])
    .executeTakeFirstOrThrow();
  return { workerId: row.id, incarnation: row.incarnation, walPosition: row.wal_position, time: row.time };
}

async function heartbeat(
  database: Database,
  { workerId, incarnation, walPosition }: Parameters<WorkerStore['heartbeat']>[0],
): ReturnType<WorkerStore['heartbeat']> {
  const { rows } = await sql<{ alive: boolean; wal_position: string; time: number }>`
    with beat as (
      update statehouse.workers set heartbeat_at = statehouse.now()
      where id = ${workerId} and incarnation = ${incarnation} and incarnation = statehouse.incarnation()
        and ${walPosition}::bigint <= ${WAL_POSITION}
      returning id
    )
    select exists (select from beat) as alive, ${WAL_POSITION} as wal_position,
      ${NOW_MS} as time`.execute(database);
  const { alive = false, wal_position: reached = '0', time = 0 } = rows[0] ?? {};
  return { alive, walPosition: reached, time };
}

async function unregister(database: Database, workerId: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('workers').where('id', '=', workerId).execute();
    await sql`select statehouse.release(array[${workerId}::bigint])`.execute(transaction);
  });
}

async function dropAbandonedJobs(database: Database, takenForMs: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from graphile_worker._private_jobs where id in (
      select id from graphile_worker._private_jobs
      where locked_at < now() - ${takenForMs} * interval '1 millisecond'
      for update skip locked)`.execute(database);
  return Number(numAffectedRows);
}

async function forgetSignals(database: Database, sentForMs: number): Promise<void> {
  await sql`
    delete from statehouse.sent_signals where id in (
      select id from statehouse.sent_signals
      where sent_at < statehouse.now() - ${sentForMs} * interval '1 millisecond'
      for update skip locked)`.execute(database);
}

/**
 * `express`, `orphans`, `mail <worker>` or `stopped <worker> <execution> <epoch>`, by migrations/; undefined: not for
 * this worker.
 */
export function parseNews(payload: string, workerId: string): WorkerNews | undefined {
  const [kind, worker, executionId, epoch] = payload.split(' ');
  if (kind === 'orphans' || kind === 'express') return { kind };
  if (worker !== workerId) return undefined;
  if (kind === 'mail') return { kind };
  if (kind === 'stopped' && executionId !== undefined) return { kind, executionId, epoch: Number(epoch) };
  return undefined;
}
