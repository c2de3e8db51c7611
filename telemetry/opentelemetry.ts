/**
 * OpenTelemetry's SDK in this process: traces and logs, with exporters, processors, limits and resource as its own
 * variables say. It is loaded only when they ask for something.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */

import { context, diag, logs, propagation, type TracerProvider, trace } from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/sdk-logs';
import { systemClock, within } from './clock.ts';
import { isExported } from './exported-signals.ts';
import type { Logger } from './log.ts';
import type { Role } from './service-resource.ts';
import type { GivenIds } from './traces/given-ids.ts';
import type { TraceSampler } from './traces/trace-sampler.ts';

export interface OpenTelemetryOptions {
  /** Decides what is on. The SDK itself reads `process.env`. */
  readonly env: NodeJS.ProcessEnv;
  readonly role: Role;
  readonly logger: Logger;
}

export interface OpenTelemetry {
  /** Undefined: logs are not exported. */
  readonly loggerProvider: LoggerProvider | undefined;
  /** Undefined: traces are not exported. */
  readonly traces: Traces | undefined;
  /** Sends what is left. Never throws, and is bounded in time. */
  close(): Promise<void>;
}

export interface Traces {
  readonly provider: TracerProvider;
  /** Names the next span of the provider. */
  readonly ids: GivenIds;
  readonly sampler: TraceSampler;
}

const OFF: OpenTelemetry = { loggerProvider: undefined, traces: undefined, close: async () => {} };

/** A collector that does not answer must not keep a process from ending. */
const CLOSE_MS_MAX = 5000;

/** One at a time in a process: it is OpenTelemetry's global SDK until it is closed. */
export async function startOpenTelemetry({
  env,
  role,
  logger,
}: OpenTelemetryOptions): Promise<OpenTelemetry> {
  const hasTraces = isExported(env, 'TRACES');
  const hasLogs = isExported(env, 'LOGS');
  if (!hasTraces && !hasLogs) return OFF;
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { RESOURCE_DETECTORS, serviceResource } = await import('./service-resource.ts');
  const { diagnosticsLevel, sdkDiagnostics } = await import('./sdk-diagnostics.ts');
  const { GivenIds } = await import('./traces/given-ids.ts');
  const { honoringStarts, samplerFromEnv, traceSampler } = await import('./traces/trace-sampler.ts');
  const ids = new GivenIds();
  const sampler = samplerFromEnv(env, logger);
  const sdk = new NodeSDK({
    resource: serviceResource(role),
    ...(!env.OTEL_NODE_RESOURCE_DETECTORS && { resourceDetectors: [...RESOURCE_DETECTORS] }),
    sampler: honoringStarts(sampler),
    idGenerator: ids,
    // Metrics have a provider of their own. What is off is given nothing, or else the SDK would turn it on.
    metricReaders: [],
    ...(!hasTraces && { spanProcessors: [] }),
    ...(!hasLogs && { logRecordProcessors: [] }),
  });
  // After the constructor, which writes to the console itself where OTEL_LOG_LEVEL is set.
  diag.setLogger(sdkDiagnostics(logger, systemClock), {
    logLevel: diagnosticsLevel(env),
    suppressOverrideMessage: true,
  });
  sdk.start();
  return {
    // The SDK has just registered its own.
    loggerProvider: hasLogs ? (logs.getLoggerProvider() as LoggerProvider) : undefined,
    traces: hasTraces
      ? { provider: trace.getTracerProvider(), ids, sampler: traceSampler(sampler) }
      : undefined,
    async close() {
      try {
        await within(systemClock, CLOSE_MS_MAX, sdk.shutdown());
      } catch (error) {
        logger.warn({ err: error }, 'the last traces and logs could not be exported');
      }
      for (const api of [trace, logs, context, propagation, diag]) api.disable();
    },
  };
}
