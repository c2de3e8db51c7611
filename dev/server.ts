/** Everything in one process: Postgres, migrations, API, worker and functions. For development, demos and tests. */
import { createApi } from '../api/api.ts';
import { createLogDestinations } from '../integrations/logs/log-destinations.ts';
import { createLogGroups } from '../integrations/logs/log-groups.ts';
import { createIntegrations } from '../integrations/registry.ts';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { ExecutionLimits } from '../runtime/index.ts';
import type { EncryptionKey } from '../store/encryption.ts';
import { migrate } from '../store/migrate.ts';
import { openStore } from '../store/open.ts';
import type { Logger } from '../telemetry/log.ts';
import type { LogRoute } from '../telemetry/logs/log-routes.ts';
import { startMetrics } from '../telemetry/metrics/start-metrics.ts';
import { startTelemetry } from '../telemetry/telemetry.ts';
import { createWorker } from '../worker/worker.ts';
import { refuseForeignHost, refuseOwnAddress } from './address.ts';
import { startPostgres } from './postgres/postgres.ts';
import { Teardown } from './teardown.ts';

export interface DevServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Undefined: Postgres is started, on `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** Path of the function map. */
  readonly functions: string | undefined;
  /** Read for the AWS_ENDPOINT_URL variables. */
  readonly env: NodeJS.ProcessEnv;
  readonly place: ArnPlace;
  /** `sigv4`: requests are signed with API keys, and any host may be listened on. */
  readonly auth?: 'none' | 'sigv4' | undefined;
  /** What API keys are encrypted under. */
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined;
  /** What state machines may raise their own limits to. */
  readonly ceilings: ExecutionLimits;
  /** Callers are held to AWS's request quotas. */
  readonly isThrottled?: boolean | undefined;
  /** Requests that the API works on at once. */
  readonly maxConcurrentRequests?: number | undefined;
  readonly poolSize: number;
  readonly graceSeconds: number;
  readonly workerTimeoutSeconds: number;
  /** How long what executions have logged is kept after its day; 0: it is not kept. */
  readonly logRetentionDays: number;
  /** Where the logs of executions go. */
  readonly logRoutes: readonly LogRoute[];
  /** How long executions are kept when they are closed. */
  readonly retentionDays: number | 'forever';
  readonly logger: Logger;
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
  const { place, ceilings, env, logger, functions, poolSize, graceSeconds, workerTimeoutSeconds } = options;
  const processMetrics = await startMetrics({ env, role: 'dev', logger });
  teardown.add(() => processMetrics.close());
  const { metrics } = processMetrics;
  const { logRoutes, logRetentionDays } = options;
  const logDestinations = createLogDestinations({ env, store: () => store, logRetentionDays });
  const telemetry = await startTelemetry({ env, role: 'dev', metrics, logger, logRoutes, logDestinations });
  teardown.add(() => telemetry.close());
  const { watcher, traceSampler, requestSpans } = telemetry;
  // First what can be wrong with the settings; Postgres takes a second.
  const integrations = createIntegrations({
    functions,
    env,
    place,
    store: () => store,
    ceilings,
    traceSampler,
    requestSpans,
    metrics,
    logger,
  });
  teardown.add(() => integrations.close());
  const logGroups = createLogGroups(env, logger);
  teardown.add(async () => logGroups?.close());

  const databaseUrl = options.databaseUrl ?? (await startEmbeddedPostgres(options, teardown));
  await migrate(databaseUrl, logger);
  const { encryptionKeys, auth, isThrottled, maxConcurrentRequests } = options;
  const store = await openStore({ databaseUrl, poolSize, encryptionKeys, metrics, logger });
  teardown.add(() => store.close());
  // Before the store: the last logs of executions may go there.
  teardown.add(() => telemetry.close());

  // The API listens before the worker runs: a port that is taken must be known before any execution moves.
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
    watcher,
    metrics,
    logger,
  });
  teardown.add(() => worker.stop());
  await worker.start();

  return { url, port, databaseUrl, stop: () => teardown.run() };
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
