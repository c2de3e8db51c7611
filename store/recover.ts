/** After a failover or a restore: the database may lack what processes have been told, and hands out ids again. */
import pg from 'pg';
import { schemaProblem } from './schema-version.ts';

export interface RecoverOptions {
  /** Postgres itself, no pooler. */
  readonly databaseUrl: string;
  /** Workers that have given a heartbeat within this time are alive. */
  readonly workerTimeoutSeconds: number;
  /** Also while workers are alive: they lose what they have. */
  readonly isForced: boolean;
}

export type RecoverOutcome =
  | { readonly kind: 'recovered'; readonly recovery: Recovery }
  /** Nothing was done. */
  | { readonly kind: 'workersAlive'; readonly workers: readonly LiveWorker[] };

export interface LiveWorker {
  readonly hostname: string;
  readonly pid: number;
}

/** Numbers of rows. */
export interface Recovery {
  readonly workers: number;
  /** Open Standard executions, which all have a new epoch. */
  readonly executions: number;
  /** Those of them that a worker had: they go on from their journals, and what they had sent is lost. */
  readonly interrupted: number;
  /** Express executions that a worker had: they run again. */
  readonly expressExecutions: number;
  readonly jobs: number;
  /** Answers are still taken for them. Those that were acknowledged in the history that is lost are not there. */
  readonly openTokens: number;
}

/** In one transaction. */
const BATCH = 10_000;
/** More ids than can have been given away in the history that is lost. */
const SEQUENCE_GAP = 1_000_000;

/**
 * Takes every open execution from whoever may have it, in this history or in the one that is lost, so that nobody goes
 * on with what this database does not know. Harmless when it is done again, or ended halfway and done again.
 * @throws Error when the schema is not this program's
 */
export async function recover(options: RecoverOptions): Promise<RecoverOutcome> {
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: 'statehouse recover',
  });
  client.on('error', () => {}); // the query under way fails by itself
  await client.connect();
  try {
    const problem = await schemaProblem(client);
    if (problem !== undefined) throw new Error(problem);
    const workers = options.isForced ? [] : await liveWorkers(client, options.workerTimeoutSeconds);
    if (workers.length > 0) return { kind: 'workersAlive', workers };
    return { kind: 'recovered', recovery: await recoverAll(client) };
  } finally {
    await client.end();
  }
}

async function liveWorkers(client: pg.Client, timeoutSeconds: number): Promise<LiveWorker[]> {
  const { rows } = await client.query<LiveWorker>(
    `select hostname, pid from statehouse.workers
     where heartbeat_at > statehouse.now() - $1 * interval '1 second' order by id`,
    [timeoutSeconds],
  );
  return rows;
}

async function recoverAll(client: pg.Client): Promise<Recovery> {
  const reached = await timeReached(client);
  // Workers first: from then on nobody can claim under an id of before.
  const workers = await changed(client, 'delete from statehouse.workers');
  await client.query(
    `select setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + $1)
     from pg_sequences where schemaname = 'statehouse'`,
    [SEQUENCE_GAP],
  );
  const { executions, interrupted } = await recoverExecutions(client, reached);
  const expressExecutions = await changed(
    client,
    'update statehouse.express_executions set owner = null, run_at = statehouse.now() where owner is not null',
  );
  const jobs = await changed(client, 'delete from graphile_worker._private_jobs');
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int as count from statehouse.task_tokens',
  );
  return {
    workers,
    executions,
    interrupted,
    expressExecutions,
    jobs,
    openTokens: rows[0]?.count ?? 0,
  };
}

/** The latest that this database knows of: now, unless the clock of the server before was ahead of this one's. */
async function timeReached(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ reached: string }>(
    'select greatest(statehouse.now(), max(heartbeat_at))::text as reached from statehouse.workers',
  );
  return rows[0]?.reached ?? 'now';
}

async function recoverExecutions(
  client: pg.Client,
  reached: string,
): Promise<Pick<Recovery, 'executions' | 'interrupted'>> {
  // By the two indexes that hold none but open ones.
  await client.query(`
    create temporary table recovering as
      select id from statehouse.executions where owner is not null
      union all select id from statehouse.executions where owner is null and status = 'RUNNING';
    create index on recovering (id)`);
  let executions = 0;
  let interrupted = 0;
  let last: string | undefined = '0';
  while (last !== undefined) {
    const { rows }: pg.QueryResult<{ last: string | null; raised: number; freed: number }> =
      await client.query(
        `with batch as (
        select array(select id from recovering where id > $1 order by id limit $2) as ids
      )
      select ids[cardinality(ids)] as last, raised, freed from batch, statehouse.recover(ids, $3)`,
        [last, BATCH, reached],
      );
    last = rows[0]?.last ?? undefined;
    executions += rows[0]?.raised ?? 0;
    interrupted += rows[0]?.freed ?? 0;
  }
  return { executions, interrupted };
}

async function changed(client: pg.Client, sql: string): Promise<number> {
  return (await client.query(sql)).rowCount ?? 0;
}
