/** All that a chaos run leaves behind, as plain data: what was asked for, what was answered, what the database holds. */
import type { HistoryEvent } from '../../../cli/client.ts';
import type { MustEnd } from '../workflows/must-end.ts';

/**
 * What the caller knows of a request: an answer that never came, or a 5xx, leaves open whether it had its effect.
 * So does a refusal, where the request may be the repetition of one whose answer was lost.
 */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** A start of a Standard execution, with all its repetitions under one name. */
export interface Start {
  readonly executionArn: string;
  readonly outcome: Outcome;
}

/** One start of an Express execution. */
export interface ExpressStart {
  /** In the payload of each call that the execution makes. */
  readonly id: string;
  readonly outcome: Outcome;
}

/** One StartSyncExecution, never repeated: who hangs up, or loses the answer, does not know what has happened. */
export interface SyncStart {
  /** In the payload of each call that the execution makes. */
  readonly id: string;
  readonly outcome: Outcome;
  /** As the answer says. */
  readonly status?: string;
  readonly output?: string;
}

/** One GetActivityTask. Its id is the worker's name, which the history tells if it was given a task. */
export interface ActivityPoll {
  readonly id: string;
  readonly outcome: Outcome;
  /** Of the task that was handed out. */
  readonly token?: string;
}

/** A state machine that may have so many executions under way at a time, and how many were seen at the most. */
export interface Cap {
  readonly stateMachine: string;
  readonly maxConcurrency: number;
  readonly mostUnderWay: number;
}

/** A StopExecution with its repetitions. */
export interface Stop {
  readonly executionArn: string;
  readonly outcome: Outcome;
  /** When the execution ended, as the answer says: seconds since 1970. */
  readonly stopDate?: number;
}

/** A RedriveExecution with its repetitions under one client token. */
export interface Redrive {
  readonly executionArn: string;
  readonly outcome: Outcome;
  /** Seconds since 1970. */
  readonly redriveDate?: number;
}

/** One SendTaskSuccess or SendTaskFailure. Its id is the output's member `by`, or the cause. */
export interface CallbackAnswer {
  readonly id: string;
  readonly token: string;
  readonly outcome: Outcome;
}

/** Tells the id of an answer from other causes of a failure. */
export function isAnswerId(text: string): boolean {
  return /^answer-\d+$/.test(text);
}

/** A call as the function server received it. */
export interface FunctionCall {
  readonly functionName: string;
  /** `<executionArn>#<scheduledEventId>` */
  readonly idempotencyKey: string;
  readonly payload: unknown;
  /** That it was given to send back. */
  readonly token?: string;
  /** What it was answered, as JSON text; absent: an error, or nothing. */
  readonly result?: string;
}

/** An execution as the database has it. */
export interface ExecutionEvidence {
  readonly executionArn: string;
  readonly status: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly owner: string | null;
  readonly input: ExecutionInput;
  readonly nextEventId: number;
  /** Of the journal's rows, in order: the last one is the row's `head_seq`. */
  readonly seqs: readonly number[];
  readonly headSeq: number;
  readonly events: readonly HistoryEvent[];
}

/** What the checker reads in an execution's input. */
export interface ExecutionInput {
  /** By how often it was redriven; the last holds for more as well. */
  readonly must: readonly MustEnd[];
  /** Of a child: who started it, in which state. */
  readonly parent?: { readonly executionArn: string; readonly state: string };
}

/** What an SQL task has left in a table. */
export interface Effect {
  readonly executionArn: string;
  readonly state: string;
}

/** A process that ended while nobody had ended it. */
export interface Crash {
  readonly process: string;
  readonly how: string;
}

export interface Evidence {
  readonly seed: number;
  readonly starts: readonly Start[];
  readonly expressStarts: readonly ExpressStart[];
  /** The functions that each Express execution calls. */
  readonly expressFunctions: readonly string[];
  readonly syncStarts: readonly SyncStart[];
  /** As {@link expressFunctions}, of the synchronous ones. */
  readonly syncFunctions: readonly string[];
  readonly polls: readonly ActivityPoll[];
  readonly caps: readonly Cap[];
  readonly stops: readonly Stop[];
  readonly redrives: readonly Redrive[];
  readonly answers: readonly CallbackAnswer[];
  readonly calls: readonly FunctionCall[];
  readonly executions: readonly ExecutionEvidence[];
  readonly effects: readonly Effect[];
  readonly crashes: readonly Crash[];
  /** By what they are: rows that should be gone once nothing runs any more. */
  readonly leftovers: Readonly<Record<string, readonly unknown[]>>;
}
