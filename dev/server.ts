/** Everything in one process: Postgres, migrations, API, worker and functions. For development, demos and tests. */
import { createApi } from '../api/api.ts';
import { createLogGroups } from '../integrations/logs/log-groups.ts';
import { type FoundationOptions, layFoundation } from '../process/foundation.ts';
import { Teardown } from '../process/teardown.ts';
import type { EncryptionKey } from '../store/encryption.ts';
import { migrate } from '../store/migrate.ts';
import { openStore, type StoreOptions } from '../store/open.ts';
import { ensureSqlTaskRole } from '../store/sql-task-role.ts';
import type { IsolatedProcess } from '../worker/services/isolation.ts';
import { createWorker } from '../worker/worker.ts';
import { refuseForeignHost, refuseOwnAddress } from './address.ts';
import { SQL_TASKS_ROLE } from './postgres/cluster.ts';
import { startPostgres } from './postgres/postgres.ts';

/** Settings, besides those that processes of every role have. */
export interface DevServerOptions extends Omit<FoundationOptions, 'role'> {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Undefined: Postgres is started, on `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** `sigv4`: requests are signed with API keys, and any host may be listened on. */
  readonly auth?: 'none' | 'sigv4' | undefined;
  /** What API keys are encrypted under. */
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined;
  /** Callers are held to AWS's request quotas. */
  readonly isThrottled?: boolean | undefined;
  /** Requests that the API works on at once. */
  readonly maxConcurrentRequests?: number | undefined;
  /** What SQL of definitions is run as. Undefined: the Postgres that is started here has a role for it; others do not. */
  readonly sqlTasksUrl?: string | undefined;
  readonly sqlTasksPoolSize: number;
  readonly poolSize: number;
  readonly graceSeconds: number;
  readonly workerTimeoutSeconds: number;
  /** How long executions are kept when they are closed. */
  readonly retentionDays: number | 'forever';
  /** Executions under way at a time of a state machine without a cap of its own. */
  readonly maxConcurrency?: number | undefined;
  /** Starts a process that runs executions which may have ended their worker; absent: they run in this one. */
  readonly isolate?: ((databases: WorkerDatabases) => IsolatedProcess) | undefined;
}

/** What a worker connects to. */
export interface WorkerDatabases {
  readonly databaseUrl: string;
  /** Undefined: SQL of definitions is not run. */
  readonly sqlTasksUrl: string | undefined;
}

export interface DevServer {
  /** `http://127.0.0.1:8083` */
  readonly url: string;
  readonly port: number;
  /** The one that was given, or of the Postgres that was started. */
  readonly databaseUrl: string;
  /** Drains the worker, then stops everything that was started here, Postgres last. */
  stop(): Promise<void>;
}

/**
 * Starts all parts; what was started is stopped again if one of them cannot be.
 * @throws Error saying which part could not start and why: the port is taken, the data folder is in use …
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  if (options.auth !== 'sigv4') refuseForeignHost(options.host);
  refuseOwnAddress(options, options.env);
  const teardown = new Teardown();
  try {
    return await startParts(options, teardown);
  } catch (error) {
    await teardown.run().catch((err: unknown) => options.logger.warn({ err }, 'could not clean up'));
    throw error;
  }
}

async function startParts(options: DevServerOptions, teardown: Teardown): Promise<DevServer> {
  const { place, ceilings, env, logger, graceSeconds, workerTimeoutSeconds, logRetentionDays, isolate } =
    options;
  let sqlTasks: StoreOptions['sqlTasks'];
  const { store, databaseUrl, integrations, telemetry, processMetrics } = await layFoundation(
    { ...options, role: 'dev' },
    teardown,
    async (metrics) => {
      const databaseUrl = options.databaseUrl ?? (await startEmbeddedPostgres(options, teardown));
      await migrate(databaseUrl, { logger });
      const { poolSize, encryptionKeys } = options;
      sqlTasks = await sqlTasksOf(databaseUrl, options);
      return {
        databaseUrl,
        store: await openStore({ databaseUrl, poolSize, encryptionKeys, sqlTasks, metrics, logger }),
      };
    },
  );
  const { watcher, traceSampler } = telemetry;
  const logGroups = createLogGroups(env, logger);
  teardown.add(async () => logGroups?.close());

  // The API listens before the worker runs: a port that is taken must be known before any execution moves.
  const { auth, isThrottled, maxConcurrentRequests } = options;
  const api = createApi({
    store,
    place,
    auth,
    ceilings,
    integrations,
    logGroups,
    isThrottled,
    maxConcurrentRequests,
    watcher,
    metrics: processMetrics,
    traceSampler,
    logger,
  });
  teardown.add(() => api.close());
  const { url, port } = await listen(api, options);

  const worker = createWorker({
    store,
    databaseUrl,
    integrations,
    ceilings,
    traceSampler,
    graceSeconds,
    workerTimeoutSeconds,
    logRetentionDays,
    retentionDays: options.retentionDays,
    maxConcurrency: options.maxConcurrency,
    suspects: isolate
      ? { policy: 'left', start: () => isolate({ databaseUrl, sqlTasksUrl: sqlTasks?.url }) }
      : { policy: 'taken' },
    watcher,
    metrics: processMetrics.metrics,
    logger,
  });
  teardown.add(() => worker.stop());
  await worker.start();

  return { url, port, databaseUrl, stop: () => teardown.run() };
}

async function sqlTasksOf(
  ownUrl: string,
  { databaseUrl, sqlTasksUrl, sqlTasksPoolSize: poolSize }: DevServerOptions,
): Promise<StoreOptions['sqlTasks']> {
  if (sqlTasksUrl !== undefined) return { url: sqlTasksUrl, poolSize };
  if (databaseUrl !== undefined) return undefined;
  return { url: await ensureSqlTaskRole(ownUrl, SQL_TASKS_ROLE), poolSize };
}

async function startEmbeddedPostgres(
  { dataDir, logger }: DevServerOptions,
  teardown: Teardown,
): Promise<string> {
  const postgres = await startPostgres({ dataDir, logger });
  teardown.add(() => postgres.stop());
  return postgres.url;
}

async function listen(
  api: ReturnType<typeof createApi>,
  { host, port }: DevServerOptions,
): Promise<{ url: string; port: number }> {
  try {
    return await api.listen({ host, port });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(
      `Port ${port} of ${host} is in use: stop the program that has it, or choose another with --port.`,
    );
  }
}
