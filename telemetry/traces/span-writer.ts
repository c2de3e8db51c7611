/** Writes spans of an execution as OpenTelemetry's, with the ids, times and parents that they have. */
import {
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
  /** The last one: siblings end one after the other. */
  #parent: { readonly id: string | undefined; readonly context: Context };

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
    this.#parent = { id: undefined, context: this.#contextOf(undefined) };
  }

  write(span: ExecutionSpan): void {
    const { name, kind, attributes } = describeSpan(span, this.#identity, this.#type);
    const ids = { traceId: this.#trace.traceId, spanId: span.id };
    const options = { kind, startTime: span.startTime, links: this.#links(span) };
    const context = this.#within(span.parentId);
    const written = this.#ids.give(ids, () => this.#tracer.startSpan(name, options, context));
    // What comes with the options is looked through twice.
    written.setAttributes(attributes);
    addEvents(written, span);
    written.end(span.endTime);
  }

  /** The append of events that belong to a span; this one has an id by chance, for it can be told but once. */
  writeAppend(parentId: string, events: number, { startTime, endTime }: AppendTiming): void {
    const options = { kind: SpanKind.CLIENT, startTime };
    this.#tracer
      .startSpan('append', options, this.#within(parentId))
      .setAttributes({
        'statehouse.execution.arn': this.#identity.executionArn,
        'db.system.name': 'postgresql',
        'db.operation.name': 'append',
        'statehouse.append.events': events,
      })
      .end(endTime);
  }

  #within(parentId: string | undefined): Context {
    if (this.#parent.id !== parentId) this.#parent = { id: parentId, context: this.#contextOf(parentId) };
    return this.#parent.context;
  }

  #contextOf(parentId: string | undefined): Context {
    const decided = alreadySampled(ROOT_CONTEXT);
    if (parentId === undefined) return decided;
    return trace.setSpanContext(decided, {
      traceId: this.#trace.traceId,
      spanId: parentId,
      traceFlags: TraceFlags.SAMPLED,
      isRemote: parentId === this.#trace.parentSpanId,
      ...(this.#traceState && { traceState: this.#traceState }),
    });
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
    // Only the task of an activity does not begin with the attempt.
    if (span.startedTime !== undefined && span.resource.kind === 'activity')
      written.addEvent('started', span.startedTime);
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
