import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  DataPointType,
  type MetricData,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

/** Collects when it is asked to. */
export class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

/** In Prometheus's text format. */
export function expose(metrics: ResourceMetrics): string {
  return serializer.serialize({
    ...metrics,
    scopeMetrics: metrics.scopeMetrics.map(({ scope, metrics: ofScope }) => ({
      scope,
      metrics: ofScope.map(withUnitInName),
    })),
  });
}

/** UCUM's units in Prometheus's words; `{execution}` and the like are none. */
const SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/**
 * Names end with the unit, as Prometheus has them; the serializer does not see to that.
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
function withUnitInName(metric: MetricData): MetricData {
  const { descriptor } = metric;
  const isRatio = descriptor.unit === '1' && metric.dataPointType === DataPointType.GAUGE;
  const suffix = isRatio ? '_ratio' : (SUFFIXES[descriptor.unit] ?? '');
  return { ...metric, descriptor: { ...descriptor, name: `${descriptor.name}${suffix}`, unit: '' } };
}
