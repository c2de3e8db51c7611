/**
 * Where an execution stands in a distributed trace. All of it follows from the execution's first event, so that every
 * process that runs a part of the execution names the same spans alike.
 * @see https://www.w3.org/TR/trace-context/
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Fixed when the execution starts. */
export interface ExecutionTrace {
  /** 32 hexadecimal digits: of whoever asked for the start, or the execution's own. */
  readonly traceId: string;
  /** Spans are recorded of it. If not, the context is only passed on. */
  readonly isSampled: boolean;
  /** The span of the same trace that asked for the start: 16 hexadecimal digits. */
  readonly parentSpanId?: string;
  /** What tasks are told where no spans are recorded; absent: whoever asked for the start has left it open. */
  readonly passedDecision?: boolean;
  /** W3C's `tracestate`, passed on as it came. */
  readonly traceState?: string;
  /** The task attempt that started it as a child execution, in another trace. */
  readonly startedBy?: SpanReference;
}

export interface SpanReference {
  readonly traceId: string;
  readonly spanId: string;
}

/** What a call brings along of the trace that its caller is in. */
export interface CallerContext {
  readonly traceId: string;
  /** Absent: the caller names a trace, but has no span in it (X-Ray). */
  readonly spanId?: string;
  /** Whether the caller's spans are recorded; absent: it is for others to decide (X-Ray). */
  readonly isSampled?: boolean;
  /** W3C's `tracestate`. */
  readonly traceState?: string;
}

/** What a task attempt brings along to what it calls. */
export interface AttemptTrace extends CallerContext {
  readonly spanId: string;
  /** The span is the attempt's own, and recorded. Otherwise, it is that of whoever asked for the execution's start. */
  readonly isRecorded: boolean;
}

const SPAN_ID_BYTES = 8;

/**
 * The id of the span that begins with an event of an execution: 16 hexadecimal digits. The execution's own span begins
 * with event 1, a state's with its StateEntered, a task attempt's with its Scheduled event.
 * @param distinction where more than one span begins with the event
 */
export function spanIdOf(executionArn: string, eventId: number, distinction = ''): string {
  const name = utf8ToBytes(`${executionArn}#${eventId}${distinction}`);
  return bytesToHex(sha256(name).subarray(0, SPAN_ID_BYTES));
}

/** Undefined: the execution is in no trace. */
export function attemptTrace(
  { executionArn, trace }: { readonly executionArn: string; readonly trace?: ExecutionTrace },
  scheduledEventId: number,
): AttemptTrace | undefined {
  if (trace === undefined) return undefined;
  const { traceId, isSampled, parentSpanId, passedDecision, traceState } = trace;
  const state = traceState !== undefined && { traceState };
  const own = () => spanIdOf(executionArn, scheduledEventId);
  if (isSampled) return { traceId, spanId: own(), isSampled, isRecorded: true, ...state };
  return {
    traceId,
    spanId: parentSpanId ?? own(),
    ...(passedDecision !== undefined && { isSampled: passedDecision }),
    isRecorded: false,
    ...state,
  };
}
