/** What the owner of an execution does (docs/architecture.md, "One writer"). */
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { ExecutionStatus } from '../runtime/execution/execution.ts';
import type { ActivityTaskText } from './activity-task-text.ts';
import type { JournalRow, NewExecution } from './execution.ts';

export interface LeaseStore {
  /** Takes the lease (epoch + 1) of a RUNNING execution that nobody owns; undefined: nothing to take. */
  claim(executionId: string, workerId: string, bounds?: ClaimBounds): Promise<Claim | undefined>;
  /** What a claim leaves out if it is too large for it; undefined: there is none. */
  snapshot(executionId: string): Promise<Snapshot | undefined>;
  /** The next rows of a journal, ascending: one, and others as long as those before hold less text than `bytesMax`. */
  rows(executionId: string, range: RowRange): Promise<JournalRow[]>;
  /** Journal row `seq` and all that follows from it, if the lease still stands. */
  append(append: Append): Promise<AppendOutcome>;
  /**
   * Gives the lease back until `wakeAt` (null: until a signal). True: the execution is not the caller's any more, by
   * this or because the lease was gone before; forget it. False: signals have come that it has not folded; go on.
   */
  park(park: Park): Promise<boolean>;
  /** Mail for executions that this worker owns, in the order of executions and ids. */
  mail(workerId: string, range: MailRange): Promise<MailPage>;
  /** The first mail of an execution: one piece, and others as long as those before hold less text than `bytesMax`. */
  mailOf(executionId: string, bytesMax: number): Promise<Mail[]>;
  /** What this worker has, also what it does not know of. */
  owned(workerId: string): Promise<OwnedLease[]>;
  /**
   * Closes the tokens of attempts that are about to be given up, so that nobody is told any more that an answer was
   * taken. `news`: there is mail for some of them, which must be folded first; their tokens stay open.
   */
  closeTokens(closing: TokenClosing): Promise<'closed' | 'news' | 'lost'>;
  /** Puts mail for the task that a token stands for, and a job if nobody owns the execution. */
  signal(signal: Signal): Promise<SignalOutcome>;
}

/** What a claim may carry, in bytes; absent: all. */
export interface ClaimBounds {
  /** Of snapshot and journal together. */
  readonly bytesMax?: number;
  /** Of mail: one piece, and others as long as those before hold less text. */
  readonly mailBytesMax?: number;
}

export interface MailRange {
  /** Only executions after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface MailPage {
  readonly mail: readonly Mail[];
  /** There may be more for this execution, and for others after it. */
  readonly continuesAfter: string | undefined;
}

export interface RowRange {
  /** seq of the row before the first one. */
  readonly after: number;
  /** seq of the last one. */
  readonly to: number;
  readonly bytesMax: number;
}

export interface TokenClosing {
  readonly executionId: string;
  readonly epoch: number;
  readonly attempts: readonly { readonly scheduledEventId: number; readonly token: string }[];
}
export interface Claim {
  readonly executionId: string;
  readonly epoch: number;
  /** seq of the last journal row. */
  readonly headSeq: number;
  readonly nextEventId: number;
  /** Signals ever sent to it; park compares with what has been folded. */
  readonly signals: number;
  readonly revisionRowId: string;
  /** Undefined also if it is larger than a claim may carry; then there are no rows either. */
  readonly snapshot: Snapshot | undefined;
  /** Rows after the snapshot, ascending: to the head, or the first of them, that the claim may carry. */
  readonly journal: readonly JournalRow[];
  readonly mail: readonly Mail[];
  /** Pieces of mail that are later than those, and that the claim does not carry. */
  readonly mailLeft: number;
}
export interface Snapshot {
  readonly seq: number;
  readonly version: number;
  readonly body: string;
}
export type SignalKind = 'CallbackSucceeded' | 'CallbackFailed' | 'HeartbeatReceived';
export type MailKind = SignalKind | 'ActivityStarted' | 'ExecutionEnded';
export interface Mail {
  readonly id: string;
  readonly executionId: string;
  /** Of the lease while which it was read: under a later one it may have been folded. */
  readonly epoch: number;
  /** Ever sent to the execution when it was read. */
  readonly signals: number;
  readonly kind: MailKind;
  /** The Scheduled event of the attempt that the token stands for. */
  readonly scheduledEventId: number;
  /** JSON text: the output, `{"error","cause"}`, `{"workerName"}`, or an {@link EndedChild}. */
  readonly body: string;
}
/** What the mail of an awaited child's end says. */
export interface EndedChild {
  /** `aws:us-east-1:000000000000` */
  readonly place: string;
  readonly stateMachineName: string;
  readonly name: string;
  readonly version: number | null;
  readonly alias: string | null;
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly startedAt: number;
  readonly stoppedAt: number;
  /** JSON text, as is the output. */
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly traceHeader: string | null;
}
export interface Append {
  readonly executionId: string;
  readonly epoch: number;
  readonly seq: number;
  readonly firstEventId: number;
  readonly nextEventId: number;
  readonly body: string;
  /** Ids of the mail that this row folds. */
  readonly mail: readonly string[];
  readonly openTokens: readonly OpenToken[];
  readonly closedTokens: readonly string[];
  /**
   * Executions that tasks of this row start. Which of them there are afterwards, {@link ExecutionStore.children} tells:
   * a name may be taken, or a state machine being deleted.
   */
  readonly children: readonly ChildStart[];
  readonly leftChildren: readonly LeftChild[];
  /** The execution ends with this row. */
  readonly end: End | undefined;
}
export interface OpenToken {
  readonly token: string;
  readonly scheduledEventId: number;
  /** What the activity's workers get. */
  readonly activityTask?: ({ readonly activityId: string } & ActivityTaskText) | undefined;
}
export interface ChildStart {
  /** Of the task that starts it; a task has one child at most. */
  readonly scheduledEventId: number;
  /** Its end goes into the parent's mailbox, and it becomes an orphan when the parent ends before. */
  readonly isAwaited: boolean;
  readonly execution: NewExecution;
}
/** A child that was awaited, and is not any more. */
export interface LeftChild {
  readonly scheduledEventId: number;
  /** It gets stopped. */
  readonly isOrphan: boolean;
}
export interface End {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly stoppedAt: number;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}
/** `lost`: somebody else has the lease, or the execution was stopped. Drop it and run no effect. */
export type AppendOutcome = 'won' | 'lost';
/** `signals`: ever sent to it. */
export interface OwnedLease {
  readonly executionId: string;
  readonly epoch: number;
  readonly signals: number;
}
export interface Park extends OwnedLease {
  readonly wakeAt: number | null;
  readonly snapshot: Snapshot | undefined;
}
export interface Signal {
  readonly token: string;
  /** Of who sends it: tokens of other places are unknown here. */
  readonly place: ArnPlace;
  readonly kind: SignalKind;
  readonly body: string;
}
/** `unknown`: there is no record of the token, or not any more: its task is over or answered. */
export type SignalOutcome = 'sent' | 'unknown';
