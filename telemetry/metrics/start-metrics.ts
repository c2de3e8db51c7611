/** The metrics of a process: on, unless OpenTelemetry's variables turn them off; the SDK is loaded only then. */
import { exportersOf, isExported, isRefused } from '../exported-signals.ts';
import type { Logger } from '../log.ts';
import type { Role } from '../service-resource.ts';
import { type Metrics, NO_METRICS } from './metrics.ts';

export interface MetricsOptions {
  /** Decides what is on. The exporter itself reads `process.env`. */
  readonly env: NodeJS.ProcessEnv;
  readonly role: Role;
  readonly logger: Logger;
}

export interface ProcessMetrics {
  readonly metrics: Metrics;
  /** All that has been measured, in Prometheus's text format. Undefined: metrics are off. */
  readonly exposition: (() => Promise<string>) | undefined;
  /** Sends what is left. Never throws, and is bounded in time. */
  close(): Promise<void>;
}

/** The content type of an exposition. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const METRICS_OFF: ProcessMetrics = {
  metrics: NO_METRICS,
  exposition: undefined,
  close: async () => {},
};

export async function startMetrics(options: MetricsOptions): Promise<ProcessMetrics> {
  if (isRefused(options.env, 'METRICS')) return METRICS_OFF;
  const { startPipeline } = await import('./pipeline.ts');
  return startPipeline(options, isPushed(options.env));
}

/** Other exporters that may be named have nothing to do here: `prometheus` is what `/metrics` is. */
function isPushed(env: NodeJS.ProcessEnv): boolean {
  const exporters = exportersOf(env, 'METRICS');
  return isExported(env, 'METRICS') && (exporters.length === 0 || exporters.includes('otlp'));
}
