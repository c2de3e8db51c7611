/**
 * The state of an execution: what {@link evolve} makes of its journal. There is no other copy of it.
 *
 * A branch is one line of control: the execution's own (0), a Parallel branch, a Map iteration. All data is
 * plain (nothing but Map and Payload has a class), so that a snapshot can be its JSON.
 *
 * It is updated in place, by evolve alone: a copy per event costs a Map of 10,000 items 10,000 copies.
 */
import type { Payload } from '../data/payload.ts';
import type { Failure } from '../failures/failure.ts';
import type { ExecutionLimits } from './limits.ts';
import type { ExecutionTrace } from './trace.ts';

/** Consecutive from 0 in the order in which branches were opened; never reused within an execution. */
export type BranchId = number;

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** What the Context Object tells of an execution, fixed when it starts. */
export interface ExecutionIdentity {
  readonly executionArn: string;
  readonly executionName: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly region: string;
  /** How many executions have led to this one by starting each other; absent: none. */
  readonly depth?: number;
  /** Absent: it is in no trace. */
  readonly trace?: ExecutionTrace;
  /** Secret of this execution that its task tokens are derived from: 32 random bytes, base64url. */
  readonly secret: string;
}

export interface Execution {
  status: ExecutionStatus;
  readonly identity: ExecutionIdentity;
  readonly roleArn: string;
  readonly limits: ExecutionLimits;
  readonly input: Payload;
  /** ms since 1970. */
  readonly startTime: number;
  /** When TimeoutSeconds of the machine is over, ms since 1970. */
  deadline: number | undefined;
  /** The last one; undefined: none yet. */
  redrive: Redrive | undefined;
  /** Result of a closed execution. */
  output: Payload | undefined;
  failure: Failure | undefined;
  lastEventId: number;
  /** Timestamp of the last event: times in a history never decrease. */
  lastEventTime: number;
  nextBranchId: BranchId;
  /**
   * Open branches by id, each after its parent. An execution that was closed without success keeps them, for a
   * redrive: nothing moves them until then.
   */
  readonly branches: Map<BranchId, Branch>;
  /** Branches that can go on without any news from outside, first come first served. */
  readonly ready: BranchId[];
}

export interface Redrive {
  /** How many there have been. */
  readonly count: number;
  /** ms since 1970. */
  readonly time: number;
  /** The ExecutionRedriven event. */
  readonly eventId: number;
}

export interface Branch {
  readonly id: BranchId;
  /** The branch whose Parallel or Map state opened this one; undefined for branch 0. */
  readonly parent: BranchId | undefined;
  /** Position among its siblings: Parallel branch number, Map item index. */
  readonly index: number;
  /** The event that opened it, and its time in ms since 1970. */
  readonly openedEventId: number;
  readonly openedTime: number;
  /** Where the next event of this branch chains to. */
  lastEventId: number;
  /** The state to enter, or the state that the branch is in. */
  state: string;
  /** Raw input of that state. */
  input: Payload;
  /** Variables assigned in this branch's own scope. */
  readonly variables: Map<string, Payload>;
  /** The entered state's StateEntered event and its time; 0 before it is entered. */
  enteredEventId: number;
  enteredTime: number;
  /** Retries used, per retrier of `state`. */
  retries: number[];
  /** What goes on in it. */
  activity: Activity;
}

export type Activity =
  /** Ready: about to enter `state`. */
  | { readonly kind: 'entering' }
  /** Ready: its scope has ended with this output. */
  | { readonly kind: 'ended'; readonly output: Payload }
  /** Ready: its state, entered before the execution was redriven, does its work again. */
  | { readonly kind: 'redriven' }
  | FailedState
  | Waiting
  | Retrying
  | TaskAttempt
  | ParallelRun
  | MapRun;

/**
 * Its state failed. Where a Catcher has it, the StateExited event follows at once. Else it is ready: nothing in the
 * branch handled the failure. What there is to go on with stays with it, for a redrive, and goes when a scope around
 * the branch handles it.
 */
export interface FailedState {
  readonly kind: 'failed';
  readonly failure: Failure;
  /** The failing event. */
  readonly eventId: number;
  /** What went on in the state; undefined: it can only begin anew. */
  readonly interrupted: Waiting | ParallelRun | MapRun | undefined;
  /** The branches that were open within it, each after its parent. */
  readonly aborted: readonly Branch[];
}

/** A Wait state, until this time (ms since 1970). */
export interface Waiting {
  readonly kind: 'waiting';
  readonly until: number;
}

/** Between a failed attempt and the next. Times are ms since 1970. */
export interface Retrying {
  readonly kind: 'retrying';
  readonly since: number;
  readonly until: number;
  /** The failing event. */
  readonly failedEventId: number;
}

/** One attempt of a Task, from its Scheduled event on. */
export interface TaskAttempt {
  readonly kind: 'task';
  /** Id of the Scheduled event: with the execution's ARN it names the attempt. */
  readonly scheduledEventId: number;
  /** ms since 1970, as the other two. */
  readonly scheduledTime: number;
  startedTime: number | undefined;
  submittedTime: number | undefined;
  /**
   * started: the call may be under way; submitted: the service has answered, a job or a token is awaited; succeeded:
   * the result is there, and the state is about to be left.
   */
  phase: 'scheduled' | 'started' | 'submitted' | 'succeeded';
  readonly timeoutSeconds: number | undefined;
  deadline: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  heartbeatDeadline: number | undefined;
  readonly token: string | undefined;
  /** A callback that overtook the call's own answer. */
  callback: { readonly output?: Payload; readonly failure?: Failure } | undefined;
}

export interface ParallelRun {
  readonly kind: 'parallel';
  readonly startedEventId: number;
  readonly outputs: (Payload | null)[];
  open: number;
}

export interface MapRun {
  readonly kind: 'map';
  readonly startedEventId: number;
  readonly items: Payload;
  readonly length: number;
  readonly concurrency: number;
  started: number;
  readonly outputs: (Payload | null)[];
  open: number;
  /** Last body event of the iteration that ended last: the next iteration chains to it. */
  lastBodyEventId: number;
}

/** What becomes of a failure in the state where it happened. */
export type Handling =
  | { readonly kind: 'retry'; readonly retrier: number; readonly until: number }
  | { readonly kind: 'catch'; readonly catcher: number }
  | { readonly kind: 'fail' };
