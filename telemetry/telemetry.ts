/** What a process sees of itself and of the executions in it; put together from OpenTelemetry's variables. */
import { type ExecutionWatcher, NO_WATCHER, watchWithAll } from './execution-watch.ts';
import type { Logger } from './log.ts';

export interface TelemetryOptions {
  /** Read for OpenTelemetry's variables. */
  readonly env: NodeJS.ProcessEnv;
  /** Of the process, as OpenTelemetry's `service.name` tells it unless OTEL_SERVICE_NAME does. */
  readonly role: 'api' | 'worker' | 'dev';
  readonly logger: Logger;
}

export interface Telemetry {
  readonly watcher: ExecutionWatcher;
  /** Sends what is left. Never throws, and is bounded in time. */
  close(): Promise<void>;
}

export async function startTelemetry(_options: TelemetryOptions): Promise<Telemetry> {
  return { watcher: watchWithAll([]), close: async () => {} };
}

export const NO_TELEMETRY: Telemetry = { watcher: NO_WATCHER, close: async () => {} };
