/** Which trace an execution that starts is in (docs/decisions/0020-trace-context.md). */
import { randomBytes } from 'node:crypto';
import type { AttemptTrace, CallerContext, ExecutionTrace } from '../../runtime/index.ts';
import type { ParentSpan, TraceSampler } from '../../telemetry/traces/trace-sampler.ts';
import type { StartPoint } from './start-points.ts';

const TRACE_ID_BYTES = 16;

/**
 * Of an execution that goes on with its caller's trace, or begins one.
 * @param sampler undefined: this process records no traces; a caller's context is passed on nevertheless
 */
export function startedTrace(
  { isTraced }: StartPoint,
  caller: CallerContext | undefined,
  sampler: TraceSampler | undefined,
): ExecutionTrace | undefined {
  const decided = isTraced ? sampler?.decide(parentSpan(caller)) : undefined;
  if (caller !== undefined) return joined(caller, decided?.isSampled ?? false);
  if (decided === undefined) return undefined;
  const { traceId, isSampled } = decided;
  return { traceId, isSampled, ...(!isSampled && { passedDecision: false }) };
}

/**
 * Of an execution that a task starts: a trace of its own, recorded where that of the task is.
 * @param given the context that the task's parameters name: the execution goes on with that trace
 */
export function childTrace(
  startPoint: StartPoint,
  {
    given,
    attempt,
  }: { readonly given: CallerContext | undefined; readonly attempt: AttemptTrace | undefined },
  sampler: TraceSampler | undefined,
): ExecutionTrace | undefined {
  const trace = startedTrace(startPoint, given ?? attempt, sampler);
  if (attempt === undefined || !trace?.isSampled) return trace;
  const startedBy = { traceId: attempt.traceId, spanId: attempt.spanId };
  if (given !== undefined) return { ...trace, startedBy };
  return { traceId: randomBytes(TRACE_ID_BYTES).toString('hex'), isSampled: true, startedBy };
}

/** One that is not recorded passes on what its caller gave. */
function joined(
  { traceId, spanId, isSampled: decision, traceState }: CallerContext,
  isSampled: boolean,
): ExecutionTrace {
  return {
    traceId,
    isSampled,
    ...(spanId !== undefined && { parentSpanId: spanId }),
    ...(!isSampled && decision !== undefined && { passedDecision: decision }),
    ...(traceState !== undefined && { traceState }),
  };
}

/** Undefined: the caller leaves the decision to others, or has no span to go by. */
function parentSpan(caller: CallerContext | undefined): ParentSpan | undefined {
  if (caller?.spanId === undefined || caller.isSampled === undefined) return undefined;
  const { traceId, spanId, isSampled } = caller;
  return { traceId, spanId, isSampled };
}
