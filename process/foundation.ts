/** What the processes of every role stand on: what is seen of them, what their tasks can reach, and the store. */
import { createLogDestinations } from '../integrations/logs/log-destinations.ts';
import { createIntegrations, type Integrations } from '../integrations/registry.ts';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { ExecutionLimits } from '../runtime/index.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import type { LogRoute } from '../telemetry/logs/log-routes.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { type ProcessMetrics, startMetrics } from '../telemetry/metrics/start-metrics.ts';
import type { Role } from '../telemetry/service-resource.ts';
import { startTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import type { Teardown } from './teardown.ts';

export interface FoundationOptions {
  readonly role: Role;
  /** Read for the AWS_ENDPOINT_URL and OpenTelemetry's variables. */
  readonly env: NodeJS.ProcessEnv;
  readonly place: ArnPlace;
  /** Path of the function map. */
  readonly functions: string | undefined;
  /** What state machines may raise their own limits to. */
  readonly ceilings: ExecutionLimits;
  /** How long what executions have logged is kept after its day; 0: it is not kept. */
  readonly logRetentionDays: number;
  /** Where the logs of executions go. */
  readonly logRoutes: readonly LogRoute[];
  readonly logger: Logger;
}

export interface OpenedStore {
  readonly store: Store;
  readonly databaseUrl: string;
}

export interface Foundation extends OpenedStore {
  readonly processMetrics: ProcessMetrics;
  readonly telemetry: Telemetry;
  readonly integrations: Integrations;
}

/**
 * Lays it, part by part; what has been started is in the teardown also when a later part throws. The store is opened
 * last: a setting that is wrong is told without waiting for Postgres.
 * @throws Error naming the setting that is not usable; what `openStore` throws
 */
export async function layFoundation(
  options: FoundationOptions,
  teardown: Teardown,
  openStore: (metrics: Metrics) => Promise<OpenedStore>,
): Promise<Foundation> {
  const { role, env, place, functions, ceilings, logRoutes, logRetentionDays, logger } = options;
  const processMetrics = await startMetrics({ env, role, logger });
  teardown.add(() => processMetrics.close());
  const { metrics } = processMetrics;
  const logDestinations = createLogDestinations({ env, store: () => store, logRetentionDays });
  const telemetry = await startTelemetry({ env, role, metrics, logger, logRoutes, logDestinations });
  teardown.add(() => telemetry.close());
  const { traceSampler, requestSpans } = telemetry;
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
  const { store, databaseUrl } = await openStore(metrics);
  teardown.add(() => store.close());
  // Before the store: the last logs of executions may go there.
  teardown.add(() => telemetry.close());
  return { processMetrics, telemetry, integrations, store, databaseUrl };
}
