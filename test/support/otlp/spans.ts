/** What is in a request for `/v1/traces`: opentelemetry/proto/collector/trace/v1/trace_service.proto. */
import { type Attributes, attributesOf } from './attributes.ts';
import { Message } from './protobuf.ts';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it has no parent. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: (typeof KINDS)[number];
  /** ns since 1970. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  readonly attributes: Attributes;
  readonly events: readonly { name: string; time: bigint; attributes: Attributes }[];
  readonly links: readonly { traceId: string; spanId: string; attributes: Attributes }[];
  readonly status: { readonly code: (typeof STATUS_CODES)[number]; readonly message: string };
  readonly resource: Attributes;
  readonly scope: string;
}

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'] as const;

export function decodeSpans(body: Uint8Array): ReceivedSpan[] {
  return new Message(body).messages(1).flatMap((ofResource) => {
    const resource = attributesOf(ofResource.message(1), 1);
    return ofResource.messages(2).flatMap((ofScope) => {
      const scope = ofScope.message(1).text(1);
      return ofScope.messages(2).map((span) => ({ ...spanOf(span), resource, scope }));
    });
  });
}

function spanOf(span: Message): Omit<ReceivedSpan, 'resource' | 'scope'> {
  const status = span.message(15);
  return {
    traceId: span.bytes(1).toString('hex'),
    spanId: span.bytes(2).toString('hex'),
    traceState: span.text(3),
    parentSpanId: span.bytes(4).toString('hex'),
    name: span.text(5),
    kind: named(KINDS, span.number(6)),
    startTime: span.number(7),
    endTime: span.number(8),
    attributes: attributesOf(span, 9),
    events: span.messages(11).map((event) => ({
      time: event.number(1),
      name: event.text(2),
      attributes: attributesOf(event, 3),
    })),
    links: span.messages(13).map((link) => ({
      traceId: link.bytes(1).toString('hex'),
      spanId: link.bytes(2).toString('hex'),
      attributes: attributesOf(link, 4),
    })),
    status: { message: status.text(2), code: named(STATUS_CODES, status.number(3)) },
  };
}

function named<T>(names: readonly T[], number: bigint): T {
  const name = names[Number(number)];
  if (name === undefined) throw new Error(`No name for ${number}`);
  return name;
}
