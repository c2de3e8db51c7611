/** What a process sees of itself and of the executions in it; put together from OpenTelemetry's variables. */
import { systemClock } from './clock.ts';
import { type ExecutionWatcher, watchWithAll } from './execution-watch.ts';
import type { Logger } from './log.ts';
import { type ExecutionLogsOptions, startExecutionLogs } from './logs/execution-logs.ts';
import { openTelemetryLogs } from './logs/open-telemetry-logs.ts';
import { streamLogs } from './logs/stream-logs.ts';
import { executionMetrics } from './metrics/execution-metrics.ts';
import { observeLogs } from './metrics/log-metrics.ts';
import { type Metrics, NO_METRICS } from './metrics/metrics.ts';
import { startOpenTelemetry } from './opentelemetry.ts';
import type { Role } from './service-resource.ts';
import { executionTraces } from './traces/execution-traces.ts';
import { type RequestSpans, requestSpans } from './traces/request-spans.ts';
import type { TraceSampler } from './traces/trace-sampler.ts';

export interface TelemetryOptions {
  /** Read for OpenTelemetry's variables. */
  readonly env: NodeJS.ProcessEnv;
  /** Of the process, as OpenTelemetry's `service.name` tells it unless OTEL_SERVICE_NAME does. */
  readonly role: Role;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** STATEHOUSE_EXECUTION_LOGS */
  readonly logRoutes: ExecutionLogsOptions['routes'];
  /** Where the logs of executions can go besides; they are closed here. */
  readonly logDestinations: Pick<ExecutionLogsOptions['destinations'], 'postgres' | 'cloudwatch'>;
}

export interface Telemetry {
  readonly watcher: ExecutionWatcher;
  /** Undefined: traces are not exported, and no execution is to be recorded. */
  readonly traceSampler: TraceSampler | undefined;
  /** Undefined: traces are not exported. */
  readonly requestSpans: RequestSpans | undefined;
  /** Sends what is left, once. Never throws, and is bounded in time. */
  close(): Promise<void>;
}

/** @throws Error naming the variable that is not usable */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { metrics, logger, logRoutes, logDestinations } = options;
  const opentelemetry = await startOpenTelemetry(options);
  const { loggerProvider, traces } = opentelemetry;
  const logs = startExecutionLogs({
    routes: logRoutes,
    destinations: {
      ...logDestinations,
      ...(loggerProvider && { otel: openTelemetryLogs(loggerProvider) }),
      stdout: streamLogs(process.stdout),
    },
    clock: systemClock,
    logger,
  });
  observeLogs(metrics, logs.queues);
  let closed: Promise<void> | undefined;
  const closeAll = async () => {
    await logs.close();
    await opentelemetry.close();
  };
  return {
    watcher: watchWithAll([
      logs.watcher,
      ...(traces ? [executionTraces(traces, logger)] : []),
      ...(metrics === NO_METRICS ? [] : [executionMetrics(metrics)]),
    ]),
    traceSampler: traces?.sampler,
    requestSpans: traces && requestSpans(traces),
    close: () => {
      closed ??= closeAll();
      return closed;
    },
  };
}
