/** What the scenarios run against: an API and a database, to which each run brings its own worker. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createApi } from '../api/api.ts';
import { Client } from '../cli/client.ts';
import { limitsOf, placeOf, readConfig } from '../cli/config.ts';
import { startPostgres } from '../dev/embedded-postgres/postgres.ts';
import type { Integrations } from '../integrations/registry.ts';
import { migrate } from '../store/migrate.ts';
import { openStore } from '../store/open.ts';
import { createLogger } from '../telemetry/log.ts';
import { createWorker, type Worker } from '../worker/worker.ts';

export interface BenchServer {
  readonly client: Client;
  readonly postgresVersion: string;
  /** A worker that has not been started. */
  worker(integrations: Integrations): Worker;
  /** Executions of a state machine that are still running. */
  openExecutions(stateMachineName: string): Promise<number>;
  close(): Promise<void>;
}

/** On the database of DATABASE_URL, or else on a new Postgres with the settings that users get. */
export async function startBenchServer(): Promise<BenchServer> {
  const config = readConfig();
  const logger = createLogger('warn');
  const dataDir = mkdtempSync(join(tmpdir(), 'statehouse-bench-'));
  chmodSync(dataDir, 0o755); // Postgres runs as another user when this runs as root
  const postgres = config.DATABASE_URL === undefined ? await startPostgres({ dataDir, logger }) : undefined;
  const databaseUrl = postgres?.url ?? config.DATABASE_URL ?? '';

  await migrate(databaseUrl, logger);
  const store = await openStore({ databaseUrl, poolSize: config.STATEHOUSE_POOL_SIZE, logger });
  const api = createApi({ store, place: placeOf(config), limits: limitsOf(config), logger });
  const { url } = await api.listen({ host: '127.0.0.1', port: 0 });
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();

  return {
    client: new Client(url),
    postgresVersion: await queryOne(database, 'show server_version'),
    worker: (integrations) =>
      createWorker({
        store,
        databaseUrl,
        integrations,
        limits: limitsOf(config),
        graceSeconds: 0,
        workerTimeoutSeconds: config.STATEHOUSE_WORKER_TIMEOUT_SECONDS,
        logger,
      }),
    openExecutions: async (stateMachineName) =>
      Number(await queryOne(database, OPEN_EXECUTIONS, [stateMachineName])),
    close: async () => {
      await database.end();
      await api.close();
      await store.close();
      await postgres?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const OPEN_EXECUTIONS = `
  select count(*) from statehouse.executions e join statehouse.state_machines m on m.id = e.state_machine_id
  where m.name = $1 and e.status = 'RUNNING'`;

/** The first column of the first row. */
async function queryOne(
  database: pg.Client,
  sql: string,
  parameters: readonly string[] = [],
): Promise<string> {
  const { rows } = await database.query<string[]>({ text: sql, values: [...parameters], rowMode: 'array' });
  return String(rows[0]?.[0]);
}
