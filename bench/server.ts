/** What the scenarios run against: a database, an API, and processes that are started when they are first asked for. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createApi } from '../api/api.ts';
import { Client } from '../cli/client.ts';
import { ceilingsOf, placeOf, readConfig } from '../cli/config.ts';
import { startPostgres } from '../dev/postgres/postgres.ts';
import type { Integrations } from '../integrations/registry.ts';
import type { LeaseStore } from '../store/lease.ts';
import { migrate } from '../store/migrate.ts';
import { openStore } from '../store/open.ts';
import { createLogger } from '../telemetry/log.ts';
import type { RoleProcess } from '../test/support/role-process.ts';
import { createWorker, type Worker } from '../worker/worker.ts';
import { type CpuReader, cpuOfTree } from './cpu.ts';
import { OwnDatabases } from './own-databases.ts';
import { startRole } from './role-process.ts';
import { WorkerProcess } from './worker-process.ts';

export interface BenchServer {
  /** Of an API in this process. */
  readonly client: Client;
  /** For processes of their own. */
  readonly databaseUrl: string;
  readonly postgresVersion: string;
  readonly leases: LeaseStore;
  /** What is to be closed before the server; processes that are kept from run to run are added to it. */
  readonly closing: AsyncDisposableStack;
  /** Of Postgres, by a metric's name; nothing of one that was not started here. */
  readonly postgresCpu: { readonly postgresCores?: CpuReader };
  /** An API in a process of its own: the same one each time. */
  api(): Promise<RoleProcess>;
  /**
   * Workers in processes of their own, not started: the same ones each time.
   * @param tasks the path of a function map, or `no-op`
   */
  workers(count: number, tasks: string): Promise<readonly WorkerProcess[]>;
  /** For scenarios that need tables of their own. */
  readonly databases: OwnDatabases;
  /** How many connections the database has. */
  connections(): Promise<number>;
  /** Whether an asynchronous Express execution has not ended. */
  hasExpressExecutions(): Promise<boolean>;
  /** How many jobs there are. */
  jobs(): Promise<number>;
  /** Of all executions that have succeeded. */
  outputs(): Promise<readonly string[]>;
  /** Removes all executions, with what belongs to them. No worker may run. */
  clear(): Promise<void>;
  /** A worker that has not been started. */
  worker(integrations: Integrations, leases: LeaseStore): Worker;
  close(): Promise<void>;
}

/** On the database of DATABASE_URL, or else on a new Postgres with the settings that users get. */
export async function startBenchServer(): Promise<BenchServer> {
  const config = readConfig();
  const logger = createLogger('warn');
  const dataDir = mkdtempSync(join(tmpdir(), 'statehouse-bench-'));
  chmodSync(dataDir, 0o711); // for root's Postgres, which runs as another user, to pass through
  const postgres = config.DATABASE_URL === undefined ? await startPostgres({ dataDir, logger }) : undefined;
  const databaseUrl = postgres?.url ?? config.DATABASE_URL ?? '';

  await migrate(databaseUrl, { logger });
  const store = await openStore({ databaseUrl, poolSize: config.STATEHOUSE_POOL_SIZE, logger });
  const api = createApi({ store, place: placeOf(config), ceilings: ceilingsOf(config), logger });
  const { url } = await api.listen({ host: '127.0.0.1', port: 0 });
  const closing = new AsyncDisposableStack();
  const databases = closing.use(new OwnDatabases(databaseUrl, logger));
  const workers = new Map<string, WorkerProcess[]>();
  let apiProcess: RoleProcess | undefined;
  let closed: Promise<void> | undefined;
  return {
    client: new Client(url),
    databaseUrl,
    postgresVersion: await ask(databaseUrl, 'show server_version'),
    leases: store.leases,
    closing,
    postgresCpu: postgres ? { postgresCores: cpuOfTree(postgres.pid) } : {},
    api: async () => {
      apiProcess ??= closing.adopt(
        await startRole('api', databaseUrl),
        async (started) => void (await started.end()),
      );
      return apiProcess;
    },
    workers: async (count, tasks) => {
      const opened = workers.get(tasks) ?? [];
      workers.set(tasks, opened);
      while (opened.length < count)
        opened.push(closing.adopt(await WorkerProcess.open(databaseUrl, tasks), (worker) => worker.close()));
      return opened.slice(0, count);
    },
    databases,
    connections: async () => Number(await ask(databaseUrl, CONNECTIONS)),
    hasExpressExecutions: async () => (await ask(databaseUrl, EXPRESS_EXECUTIONS)) === '1',
    jobs: async () => Number(await ask(databaseUrl, 'select count(*) from graphile_worker._private_jobs')),
    outputs: () => column(databaseUrl, OUTPUTS),
    clear: async () => void (await column(databaseUrl, CLEAR)),
    worker: (integrations, leases) =>
      createWorker({
        store: { ...store, leases },
        databaseUrl,
        integrations,
        graceSeconds: 0,
        workerTimeoutSeconds: config.STATEHOUSE_WORKER_TIMEOUT_SECONDS,
        logRetentionDays: config.STATEHOUSE_LOG_RETENTION_DAYS,
        logger,
      }),
    close: () => {
      closed ??= close();
      return closed;
    },
  };

  async function close(): Promise<void> {
    await closing.disposeAsync();
    await api.close();
    await store.close();
    await postgres?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Other than the one that asks. */
const CONNECTIONS = `select count(*) from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;

const EXPRESS_EXECUTIONS =
  'select count(*) from (select from statehouse.express_executions limit 1) as any_row';

const TABLES = [
  ...['executions', 'execution_names', 'execution_slots', 'journal', 'snapshots', 'mailbox', 'task_tokens'],
  ...['activity_tasks', 'child_executions', 'map_runs', 'suspects'],
];
const CLEAR = `truncate graphile_worker._private_jobs, ${TABLES.map((table) => `statehouse.${table}`).join(', ')}`;

const OUTPUTS = `select output from statehouse.executions where status = 'SUCCEEDED'`;

/** The one value that a query answers. */
async function ask(connectionString: string, sql: string): Promise<string> {
  const [value = ''] = await column(connectionString, sql);
  return value;
}

/** The values of the one column that a query answers. */
async function column(connectionString: string, sql: string): Promise<string[]> {
  const database = new pg.Client({ connectionString });
  await database.connect();
  try {
    const { rows } = await database.query<string[]>({ text: sql, rowMode: 'array' });
    return rows.map(([value = '']) => value);
  } finally {
    await database.end();
  }
}
