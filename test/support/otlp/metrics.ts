/** What is in a request for `/v1/metrics`: opentelemetry/proto/collector/metrics/v1/metrics_service.proto. */
import { type Attributes, attributesOf, doubleOf } from './attributes.ts';
import { Message } from './protobuf.ts';

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  /** Of a sum or a gauge. */
  readonly points: readonly { readonly attributes: Attributes; readonly value: number }[];
  readonly resource: Attributes;
  readonly scope: string;
}

const GAUGE = 5;
const SUM = 7;

export function decodeMetrics(body: Uint8Array): ReceivedMetric[] {
  return new Message(body).messages(1).flatMap((ofResource) => {
    const resource = attributesOf(ofResource.message(1), 1);
    return ofResource.messages(2).flatMap((ofScope) => {
      const scope = ofScope.message(1).text(1);
      return ofScope.messages(2).map((metric) => ({ ...metricOf(metric), resource, scope }));
    });
  });
}

function metricOf(metric: Message): Pick<ReceivedMetric, 'name' | 'unit' | 'points'> {
  const data = [GAUGE, SUM].filter((field) => metric.has(field)).map((field) => metric.message(field));
  const points = data
    .flatMap((one) => one.messages(1))
    .map((point) => ({
      attributes: attributesOf(point, 7),
      value: point.has(4) ? doubleOf(point.number(4)) : Number(BigInt.asIntN(64, point.number(6))),
    }));
  return { name: metric.text(1), unit: metric.text(3), points };
}
