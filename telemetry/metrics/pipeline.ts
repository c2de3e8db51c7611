/**
 * One MeterProvider of our own, with a reader for `/metrics` and, where OpenTelemetry's variables ask for it, one that
 * sends by OTLP.
 */
import { diag } from '@opentelemetry/api';
import { detectResources } from '@opentelemetry/resources';
import { type IMetricReader, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock, within } from '../clock.ts';
import type { Logger } from '../log.ts';
import { diagnosticsLevel, sdkDiagnostics } from '../sdk-diagnostics.ts';
import { RESOURCE_DETECTORS, serviceResource } from '../service-resource.ts';
import { expose, PullReader } from './exposition.ts';
import { createInstruments } from './instruments.ts';
import { observeProcess } from './process-metrics.ts';
import type { MetricsOptions, ProcessMetrics } from './start-metrics.ts';

/** A collector that does not answer must not keep a process from ending. */
const CLOSE_MS_MAX = 5000;

/** @param isPushed also sent by OTLP */
export async function startPipeline(
  { env, role, logger }: MetricsOptions,
  isPushed: boolean,
): Promise<ProcessMetrics> {
  const pull = new PullReader();
  const readers: IMetricReader[] = [pull];
  if (isPushed) readers.push(await pushReader(env, logger));
  const resource = serviceResource(role).merge(detectResources({ detectors: [...RESOURCE_DETECTORS] }));
  const provider = new MeterProvider({ resource, readers });
  const meter = provider.getMeter('statehouse', packageJson.version);
  const metrics = createInstruments(meter, (error) =>
    logger.warn({ err: error }, 'some metrics are missing'),
  );
  const stopObserving = observeProcess(metrics);
  return {
    metrics,
    async exposition() {
      await resource.waitForAsyncAttributes?.();
      return expose((await pull.collect()).resourceMetrics);
    },
    async close() {
      try {
        await within(systemClock, CLOSE_MS_MAX, provider.shutdown());
      } catch (error) {
        logger.warn({ err: error }, 'the last metrics could not be exported');
      }
      stopObserving();
    },
  };
}

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 30_000;

/** The exporter itself reads where to send to, and how, from `process.env`. */
async function pushReader(env: NodeJS.ProcessEnv, logger: Logger): Promise<IMetricReader> {
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  const logLevel = diagnosticsLevel(env);
  diag.setLogger(sdkDiagnostics(logger, systemClock), { logLevel, suppressOverrideMessage: true });
  const exportIntervalMillis = milliseconds(env.OTEL_METRIC_EXPORT_INTERVAL) ?? INTERVAL_MS;
  const timeoutMs = milliseconds(env.OTEL_METRIC_EXPORT_TIMEOUT) ?? TIMEOUT_MS;
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(timeoutMs, exportIntervalMillis),
  });
}

/** What is no number of milliseconds is as if it were not there: so OpenTelemetry wants it. */
function milliseconds(variable = ''): number | undefined {
  const value = Number(variable);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
