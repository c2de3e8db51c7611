/** Executions, as their callers see them. */
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { ExecutionStatus } from '../runtime/execution/execution.ts';

export interface ExecutionStore {
  /** Group-committed: the execution's row, its name, journal row 1 and the job hint, or what stands in the way. */
  start(execution: NewExecution): Promise<StartOutcome>;
  find(place: ArnPlace, stateMachineName: string, name: string): Promise<ExecutionRecord | undefined>;
  /** How many are open, but no more than `maximum`. */
  countOpen(place: ArnPlace, maximum: number): Promise<number>;
  /** The executions that tasks of an execution have started, by those tasks' Scheduled events. */
  children(executionId: string, scheduledEventIds: readonly number[]): Promise<ChildExecution[]>;
  /**
   * Running children that nobody waits for any more, at most `limit`: whoever sees them ends them with {@link stop},
   * which makes orphans of their own children.
   */
  orphans(limit: number): Promise<Orphan[]>;
  /** Newest start first. */
  list(query: ListExecutions): Promise<ExecutionSummary[]>;
  /** Journal rows that hold events with ids in [from, to], ascending. Bodies decode with runtime's decodeEvents. */
  journal(executionId: string, range: JournalRange): Promise<JournalRow[]>;
  /**
   * Ends a running execution from outside: one more journal row under the row lock, epoch + 1, mail and tokens gone, the owner
   * told. `row` makes the body once the lock is held and the next event id is known.
   * Undefined: it was closed already (then its stop time stands).
   */
  stop(executionId: string, end: StopEnd): Promise<StoppedExecution | undefined>;
  /**
   * Sets a closed execution going again: one more journal row under the row lock, epoch + 1, the result gone, a job.
   * Of two redrives at a time one finds it running.
   */
  redrive(executionId: string, redrive: Redrive): Promise<RedriveOutcome>;
  /**
   * Running executions of state machines that are being deleted, at most `limit`: whoever sees them ends them with
   * {@link stop}, as AWS terminates them at their next transition.
   */
  deleting(limit: number): Promise<string[]>;
  /**
   * Resolves with the execution when it is closed, or with nothing when `timeoutMs` is over; many waiters cost one query per
   * poll.
   */
  waitForEnd(
    executionId: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<ExecutionRecord | undefined>;
}

export interface NewExecution {
  readonly stateMachineId: string;
  readonly revisionRowId: string;
  /** What it is started through: a version's number, an alias. */
  readonly version?: number | undefined;
  readonly alias?: string | undefined;
  readonly name: string;
  /** Kept only as journal row 1; compared as text when the name is taken. */
  readonly input: string;
  readonly startedAt: number;
  /** Journal row 1: the ExecutionStarted event, encoded. */
  readonly body: string;
  readonly traceHeader: string | undefined;
}
export type StartOutcome =
  | { readonly kind: 'started'; readonly executionId: string }
  /** The name is taken. `sameInput` and RUNNING: AWS answers as if this call had started it. */
  | {
      readonly kind: 'exists';
      readonly status: ExecutionStatus;
      readonly startedAt: number;
      readonly sameInput: boolean;
    }
  | { readonly kind: 'deleting' }
  /** It names no version, and its revision is not the machine's current one. */
  | { readonly kind: 'outdated' };

export interface ExecutionSummary {
  readonly id: string;
  readonly stateMachineName: string;
  readonly name: string;
  readonly version: number | undefined;
  readonly alias: string | undefined;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  readonly redriveCount: number;
  /** The last time. */
  readonly redrivenAt: number | undefined;
}
export interface ExecutionRecord extends ExecutionSummary {
  readonly revisionRowId: string;
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly traceHeader: string | undefined;
  readonly lastEventId: number;
  /** Why it cannot be redriven now; undefined: it can. */
  readonly redriveRefusal: RedriveRefusal | undefined;
}
/** It may have been removed since. */
export interface ChildExecution
  extends Pick<ExecutionSummary, 'id' | 'stateMachineName' | 'name' | 'startedAt'> {
  readonly scheduledEventId: number;
}
export interface Orphan {
  readonly executionId: string;
  readonly parent: {
    readonly place: ArnPlace;
    readonly stateMachineName: string;
    readonly name: string;
    readonly status: ExecutionStatus;
  };
}
export interface ListExecutions {
  readonly stateMachineId: string;
  /** Only those that were started through it. */
  readonly version?: number | undefined;
  readonly alias?: string | undefined;
  readonly status: ExecutionStatus | undefined;
  readonly limit: number;
  /** Position after which the page begins: the last row of the page before. */
  readonly after: { readonly startedAt: number; readonly id: string } | undefined;
}
/** Ids of events. */
export interface JournalRange {
  readonly from: number;
  readonly to: number;
  /** One row, and others as long as those before hold less text than that; absent: all. */
  readonly bytesMax?: number;
  /** The end that `bytesMax` counts from; absent: the first. */
  readonly countsFrom?: 'first' | 'last';
}

export interface JournalRow {
  readonly seq: number;
  readonly firstEventId: number;
  readonly body: string;
}
export interface StopEnd {
  readonly status: 'ABORTED';
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** Makes the journal row's body from the id and the time (ms) that its event gets. */
  readonly body: (eventId: number, time: number) => string;
}
export interface StoppedExecution {
  /** When its last event happened. */
  readonly stoppedAt: number;
  readonly eventId: number;
  /** Of its journal row. */
  readonly seq: number;
  readonly revisionRowId: string;
  /** A worker had it until then. */
  readonly wasOwned: boolean;
}
export interface Redrive {
  /** A call with the token of an earlier one is answered as that was: for 15 minutes, and among the last ten. */
  readonly clientToken: string | undefined;
  /** Makes the journal row's body from what its event gets; the time is in ms. */
  readonly body: (event: { id: number; time: number; redriveCount: number }) => string;
}
export type RedriveOutcome =
  | { readonly kind: 'redriven'; readonly redrivenAt: number }
  | { readonly kind: 'refused'; readonly refusal: RedriveRefusal }
  /** It has been removed. */
  | { readonly kind: 'gone' };
export type RedriveRefusal =
  /** Its state machine is being deleted, or is gone. */
  | 'DELETING'
  | 'RUNNING'
  | 'SUCCEEDED'
  /** Its history has no room for more. */
  | 'HISTORY_FULL'
  /** It has been open for a year, all its runs together. */
  | 'OPEN_TOO_LONG'
  /** It ended more than 14 days ago. */
  | 'CLOSED_TOO_LONG';
