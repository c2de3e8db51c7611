/** Writes spans of an execution as OpenTelemetry's, with the ids, times and parents that they have. */
import {
  type Attributes,
  type Context,
  createTraceState,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { ExecutionIdentity, ExecutionSpan, ExecutionTrace, MachineType } from '../../runtime/index.ts';
import type { AppendTiming } from '../execution-watch.ts';
import type { Traces } from '../opentelemetry.ts';
import { alreadySampled } from './already-sampled.ts';
import type { GivenIds } from './given-ids.ts';
import { cut, describeSpan, UNNAMED } from './span-attributes.ts';

const SCOPE = 'statehouse';

export class SpanWriter {
  readonly #tracer: Tracer;
  readonly #ids: GivenIds;
  readonly #identity: ExecutionIdentity;
  readonly #trace: ExecutionTrace;
  readonly #type: MachineType;
  readonly #traceState: SpanContext['traceState'];

  constructor(
    { provider, ids }: Traces,
    identity: ExecutionIdentity,
    trace: ExecutionTrace,
    type: MachineType,
  ) {
    this.#tracer = provider.getTracer(SCOPE);
    this.#ids = ids;
    this.#identity = identity;
    this.#trace = trace;
    this.#type = type;
    this.#traceState = trace.traceState === undefined ? undefined : createTraceState(trace.traceState);
  }

  write(span: ExecutionSpan): void {
    const { name, kind, attributes } = describeSpan(span, this.#identity, this.#type);
    const ids = { traceId: this.#trace.traceId, spanId: span.id };
    const options = { kind, startTime: span.startTime, attributes, links: this.#links(span) };
    const written = this.#ids.give(ids, () =>
      this.#tracer.startSpan(
        name,
        options,
        this.#within(span.parentId, span.parentId === this.#trace.parentSpanId),
      ),
    );
    addEvents(written, span);
    written.end(span.endTime);
  }

  /** The append of events that belong to a span; this one has an id by chance, for it can be told but once. */
  writeAppend(parentId: string, events: number, { startTime, endTime }: AppendTiming): void {
    const attributes: Attributes = {
      'statehouse.execution.arn': this.#identity.executionArn,
      'db.system.name': 'postgresql',
      'db.operation.name': 'append',
      'statehouse.append.events': events,
    };
    const options = { kind: SpanKind.CLIENT, startTime, attributes };
    this.#tracer.startSpan('append', options, this.#within(parentId, false)).end(endTime);
  }

  #within(parentId: string | undefined, isRemote: boolean): Context {
    if (parentId === undefined) return alreadySampled(ROOT_CONTEXT);
    const parent: SpanContext = {
      traceId: this.#trace.traceId,
      spanId: parentId,
      traceFlags: TraceFlags.SAMPLED,
      isRemote,
      ...(this.#traceState && { traceState: this.#traceState }),
    };
    return alreadySampled(trace.setSpanContext(ROOT_CONTEXT, parent));
  }

  #links({ kind }: ExecutionSpan): Link[] {
    const { startedBy } = this.#trace;
    if (kind !== 'execution' || startedBy === undefined) return [];
    return [{ context: { ...startedBy, traceFlags: TraceFlags.SAMPLED, isRemote: true } }];
  }
}

function addEvents(written: Span, span: ExecutionSpan): void {
  const { outcome, failure, endTime } = span;
  if (span.kind === 'attempt') {
    if (span.startedTime !== undefined) written.addEvent('started', span.startedTime);
    if (span.submittedTime !== undefined) written.addEvent('submitted', span.submittedTime);
  }
  const type = failure?.error ?? UNNAMED;
  if (outcome === 'failed' || outcome === 'timed-out')
    written.setStatus({ code: SpanStatusCode.ERROR, message: cut(type) });
  if (failure === undefined) return;
  const { cause } = failure;
  const attributes = {
    'exception.type': cut(type),
    ...(cause !== undefined && { 'exception.message': cut(cause) }),
  };
  written.addEvent('exception', attributes, endTime);
}
