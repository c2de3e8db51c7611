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
  /** W3C's `tracestate`, passed on as it came. */
  readonly traceState?: string;
  /** The task attempt that started it as a child execution, in another trace. */
  readonly startedBy?: SpanReference;
}

export interface SpanReference {
  readonly traceId: string;
  readonly spanId: string;
}

const SPAN_ID_BYTES = 8;

/**
 * The id of the span that begins with an event of an execution: 16 hexadecimal digits. The execution's own span begins
 * with event 1, a state's with its StateEntered, a task attempt's with its Scheduled event.
 */
export function spanIdOf(executionArn: string, eventId: number): string {
  return bytesToHex(sha256(utf8ToBytes(`${executionArn}#${eventId}`)).subarray(0, SPAN_ID_BYTES));
}
