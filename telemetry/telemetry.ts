/** What a process sees of itself and of the executions in it; put together from OpenTelemetry's variables. */
import { type ExecutionWatcher, NO_WATCHER, watchWithAll } from './execution-watch.ts';
import type { Logger } from './log.ts';
import { startOpenTelemetry } from './opentelemetry.ts';
import type { Role } from './service-resource.ts';
import { executionTraces } from './traces/execution-traces.ts';
import type { TraceSampler } from './traces/trace-sampler.ts';

export interface TelemetryOptions {
  /** Read for OpenTelemetry's variables. */
  readonly env: NodeJS.ProcessEnv;
  /** Of the process, as OpenTelemetry's `service.name` tells it unless OTEL_SERVICE_NAME does. */
  readonly role: Role;
  readonly logger: Logger;
}

export interface Telemetry {
  readonly watcher: ExecutionWatcher;
  /** Undefined: traces are not exported, and no execution is to be recorded. */
  readonly traceSampler: TraceSampler | undefined;
  /** Sends what is left. Never throws, and is bounded in time. */
  close(): Promise<void>;
}

export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const opentelemetry = await startOpenTelemetry(options);
  const { traces } = opentelemetry;
  return {
    watcher: watchWithAll(traces === undefined ? [] : [executionTraces(traces, options.logger)]),
    traceSampler: traces?.sampler,
    close: () => opentelemetry.close(),
  };
}

export const NO_TELEMETRY: Telemetry = {
  watcher: NO_WATCHER,
  traceSampler: undefined,
  close: async () => {},
};
