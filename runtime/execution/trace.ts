/**
 * Where an execution stands in a distributed trace. All of it follows from the execution's first event, so that every
 * process that runs a part of the execution names the same spans alike.
 * @see https://www.w3.org/TR/trace-context/
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

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

/**
 * The id of the span that begins with an event of an execution: 16 hexadecimal digits. The execution's own span begins
 * with event 1, a state's with its StateEntered, a task attempt's with its Scheduled event.
 * @param distinction where more than one span begins with the event: any 32 bits but 0
 */
export function spanIdOf(executionArn: string, eventId: number, distinction = 0): string {
  const seed = seedOf(executionArn);
  let left = seed.left ^ eventId;
  let right = seed.right ^ distinction;
  // A Feistel network: of one execution, different numbers always give different ids.
  for (let round = 0; round < 4; round++) [left, right] = [right ^ scrambled(left + round), left];
  return hex(left) + hex(right);
}

interface Seed {
  readonly executionArn: string;
  readonly left: number;
  readonly right: number;
}

/** The last one: spans of one execution are named one after the other, and hashing its ARN is what costs. */
let lastSeed: Seed | undefined;

function seedOf(executionArn: string): Seed {
  if (lastSeed?.executionArn !== executionArn) {
    const hash = new DataView(sha256(utf8ToBytes(executionArn)).buffer);
    lastSeed = { executionArn, left: hash.getInt32(0), right: hash.getInt32(4) };
  }
  return lastSeed;
}

/** Each bit of the answer depends on each bit of the number. */
function scrambled(number: number): number {
  const mixed = Math.imul(number ^ (number >>> 16), 0x45d9f3b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) ^ (mixed >>> 13);
}

function hex(number: number): string {
  return (number >>> 0).toString(16).padStart(8, '0');
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
