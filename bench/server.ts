/** What the scenarios run against: an API and a database, to which each run brings its own worker. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createApi } from '../api/api.ts';
import { Client } from '../cli/client.ts';
import { ceilingsOf, placeOf, readConfig } from '../cli/config.ts';
import { startPostgres } from '../dev/postgres/postgres.ts';
import type { Integrations } from '../integrations/registry.ts';
import { migrate } from '../store/migrate.ts';
import { openStore } from '../store/open.ts';
import type { LeaseStore } from '../store/store.ts';
import { createLogger } from '../telemetry/log.ts';
import { createWorker, type Worker } from '../worker/worker.ts';

export interface BenchServer {
  readonly client: Client;
  /** For processes of their own. */
  readonly databaseUrl: string;
  readonly postgresVersion: string;
  readonly leases: LeaseStore;
  /** How many connections the database has. */
  connections(): Promise<number>;
  /** Whether an asynchronous Express execution has not ended. */
  hasExpressExecutions(): Promise<boolean>;
  /** How many jobs there are. */
  jobs(): Promise<number>;
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

  await migrate(databaseUrl, logger);
  const store = await openStore({ databaseUrl, poolSize: config.STATEHOUSE_POOL_SIZE, logger });
  const api = createApi({ store, place: placeOf(config), ceilings: ceilingsOf(config), logger });
  const { url } = await api.listen({ host: '127.0.0.1', port: 0 });
  return {
    client: new Client(url),
    databaseUrl,
    postgresVersion: await ask(databaseUrl, 'show server_version'),
    leases: store.leases,
    connections: async () => Number(await ask(databaseUrl, CONNECTIONS)),
    hasExpressExecutions: async () => (await ask(databaseUrl, EXPRESS_EXECUTIONS)) === '1',
    jobs: async () => Number(await ask(databaseUrl, 'select count(*) from graphile_worker._private_jobs')),
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
    close: async () => {
      await api.close();
      await store.close();
      await postgres?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Other than the one that asks. */
const CONNECTIONS = `select count(*) from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;

const EXPRESS_EXECUTIONS =
  'select count(*) from (select from statehouse.express_executions limit 1) as any_row';

/** The one value that a query answers. */
async function ask(connectionString: string, sql: string): Promise<string> {
  const database = new pg.Client({ connectionString });
  await database.connect();
  try {
    const { rows } = await database.query<string[]>({ text: sql, rowMode: 'array' });
    return rows[0]?.[0] ?? '';
  } finally {
    await database.end();
  }
}
