/** What is in a request for `/v1/logs`: opentelemetry/proto/collector/logs/v1/logs_service.proto. */
import { type Attributes, anyValueOf, attributesOf, type Value } from './attributes.ts';
import { Message } from './protobuf.ts';

export interface ReceivedLogRecord {
  /** ns since 1970. */
  readonly time: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: Value;
  readonly attributes: Attributes;
  /** Empty, as is the span's id: it is in no trace. */
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly resource: Attributes;
}

export function decodeLogRecords(body: Uint8Array): ReceivedLogRecord[] {
  return new Message(body).messages(1).flatMap((ofResource) => {
    const resource = attributesOf(ofResource.message(1), 1);
    const records = ofResource.messages(2).flatMap((ofScope) => ofScope.messages(2));
    return records.map((record) => ({
      time: record.number(1),
      severityNumber: Number(record.number(2)),
      severityText: record.text(3),
      body: anyValueOf(record.message(5)),
      attributes: attributesOf(record, 6),
      traceFlags: Number(record.number(8)) & 0xff,
      traceId: record.bytes(9).toString('hex'),
      spanId: record.bytes(10).toString('hex'),
      eventName: record.text(12),
      resource,
    }));
  });
}
