/**
 * What the rest of Statehouse asks of Postgres. Only this folder speaks SQL.
 *
 * Calls on the hot path (start, claim, append, park, signal) gather calls made at the same moment into one
 * SQL function call each (group-commit.ts): callers just await their own outcome.
 *
 * Ids are bigint in Postgres and decimal strings here. Times are ms since 1970 by the database's clock.
 */
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { ExecutionStatus } from '../runtime/execution/execution.ts';
import type { MachineType } from '../runtime/machine/machine.ts';
import type { ActivityStore } from './activity.ts';
import type { ActivityTaskText } from './activity-task-text.ts';
import type { ExecutionLogStore } from './execution-log.ts';
import type { MapRunStore } from './map-run.ts';
import type { RetentionStore } from './retention.ts';
import type { SqlTaskStore } from './sql-task.ts';
import type { SuspectPolicy, SuspectStore } from './suspects.ts';
import type { AliasStore, Publication, VersionStore } from './versioning.ts';

export interface Store {
  readonly stateMachines: StateMachineStore;
  readonly versions: VersionStore;
  readonly aliases: AliasStore;
  readonly activities: ActivityStore;
  readonly tags: TagStore;
  readonly executions: ExecutionStore;
  readonly mapRuns: MapRunStore;
  readonly logs: ExecutionLogStore;
  readonly leases: LeaseStore;
  readonly express: ExpressStore;
  readonly workers: WorkerStore;
  readonly slots: SlotStore;
  readonly suspects: SuspectStore;
  readonly retention: RetentionStore;
  readonly secrets: SecretStore;
  /** Undefined: SQL of definitions is not run. */
  readonly sqlTasks: SqlTaskStore | undefined;
  readonly apiKeys: KeyStore;
  /** Readiness: the database answers and its schema is this program's. Undefined when all is well. */
  check(): Promise<string | undefined>;
  close(): Promise<void>;
}

// ------------------------------------------------------------------ state machines

export interface StateMachineStore {
  /** Creates, or answers the one that has the name already, with its own settings and tags. */
  create(machine: NewStateMachine): Promise<{ created: boolean; machine: StateMachineRecord }>;
  /**
   * A new revision (or, when nothing changed, the current one), published if `publication` is given; nothing of it
   * happens to a machine that is being deleted. Undefined: no such machine.
   * @throws TooManyVersions
   */
  update(
    place: ArnPlace,
    name: string,
    change: StateMachineChange,
    publication?: Publication,
  ): Promise<UpdatedStateMachine | undefined>;
  find(place: ArnPlace, name: string): Promise<StateMachineRecord | undefined>;
  /** What a start through the machine itself, a version or an alias needs to know; undefined: there is none. */
  startRecord(place: ArnPlace, name: string, qualifier: StartQualifier): Promise<StartRecord | undefined>;
  /** The revision an execution runs; revisions never change. */
  revision(revisionId: string): Promise<RevisionRecord | undefined>;
  /** How many there are, but no more than `maximum`. */
  count(place: ArnPlace, maximum: number): Promise<number>;
  /** Ascending by creation; `after` is the last id of the page before. */
  list(page: { place: ArnPlace; limit: number; after: string | undefined }): Promise<StateMachineRecord[]>;
  /**
   * Marks the machine DELETING; it goes away at once when no execution of it is open, otherwise with the end of the
   * last one (which ends as ABORTED at its next transition).
   */
  delete(place: ArnPlace, name: string): Promise<void>;
}

export interface NewStateMachine extends StateMachineSettings {
  /** Names are unique within a place; who acts in one does not see another. */
  readonly place: ArnPlace;
  readonly name: string;
  readonly type: MachineType;
  /** Absent: none. */
  readonly tags?: readonly Tag[];
  /** Its first revision becomes version 1. */
  readonly publication?: Publication | undefined;
}
export interface StateMachineSettings {
  readonly definition: string;
  readonly roleArn: string;
  /** AWS's objects, kept and returned as they are. */
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
  readonly encryptionConfiguration: unknown;
}
export type StateMachineChange = Partial<StateMachineSettings>;

export interface StateMachineRecord extends NewStateMachine {
  readonly id: string;
  /** By key. */
  readonly tags: readonly Tag[];
  readonly status: 'ACTIVE' | 'DELETING';
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The current revision's row. */
  readonly revisionRowId: string;
  /** AWS's `revisionId` (a UUID); undefined for the first revision. */
  readonly revisionId: string | undefined;
}
export interface UpdatedStateMachine extends StateMachineRecord {
  /** The number under which the current revision is published, if that was asked for. */
  readonly publishedVersion: number | undefined;
}
export interface RevisionRecord {
  readonly rowId: string;
  readonly stateMachineName: string;
  readonly type: MachineType;
  readonly definition: string;
  readonly roleArn: string;
  readonly revisionId: string | undefined;
  readonly createdAt: number;
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
  readonly encryptionConfiguration: unknown;
}

/** A version's number or an alias; neither: the machine itself. */
export interface StartQualifier {
  readonly version?: number | undefined;
  readonly alias?: string | undefined;
}
export interface StartRecord {
  /** When it was read, by the database's clock: ms since 1970. */
  readonly time: number;
  readonly stateMachineId: string;
  readonly type: MachineType;
  readonly status: 'ACTIVE' | 'DELETING';
  /** By key. */
  readonly tags: readonly Tag[];
  /** One; of an alias those that share its starts, in its order. */
  readonly routes: readonly StartRoute[];
}
export interface StartRoute {
  /** Undefined: the machine as it is. */
  readonly version: number | undefined;
  readonly weight: number;
  readonly revisionRowId: string;
  readonly roleArn: string;
}

// ------------------------------------------------------------------ tags

export interface TagStore {
  /**
   * Adds tags, or changes the values of those that are there; a state machine's cap changes with them. Nothing is changed when the resource would have more
   * than `maximum` (`tooMany`), or does not exist any more (`gone`).
   */
  add(resource: TaggedResource, tags: readonly Tag[], maximum: number): Promise<'added' | 'tooMany' | 'gone'>;
  /** Keys that are not there are no error. */
  remove(resource: TaggedResource, keys: readonly string[]): Promise<void>;
}
export interface Tag {
  readonly key: string;
  readonly value: string;
}
/** The kinds of resources that can have tags. */
export interface TaggedResource {
  readonly type: 'stateMachine' | 'activity';
  readonly id: string;
}

// ------------------------------------------------------------------ executions

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
  /** Resolves when the execution is closed or `timeoutMs` is over; many waiters cost one query per poll. */
  waitForEnd(executionId: string, timeoutMs: number, signal?: AbortSignal): Promise<void>;
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
  | { readonly kind: 'deleting' };

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

// ------------------------------------------------------------------ leases: what an owner does (architecture §2, §3)

export interface LeaseStore {
  /** Takes the lease (epoch + 1) of a RUNNING execution that nobody owns; undefined: nothing to take. */
  claim(executionId: string, workerId: string): Promise<Claim | undefined>;
  /** Journal row `seq` and all that follows from it, if the lease still stands. */
  append(append: Append): Promise<AppendOutcome>;
  /**
   * Gives the lease back until `wakeAt` (null: until a signal). True: the execution is not the caller's any more, by
   * this or because the lease was gone before; forget it. False: signals have come that it has not folded; go on.
   */
  park(park: Park): Promise<boolean>;
  /** Mail for executions that this worker owns. */
  mail(workerId: string): Promise<Mail[]>;
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
  readonly snapshot: Snapshot | undefined;
  /** Rows after the snapshot, ascending. */
  readonly journal: readonly JournalRow[];
  readonly mail: readonly Mail[];
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

// ------------------------------------------------------------------ asynchronous Express executions

export interface ExpressStore {
  /** Group-committed, and durable once it is answered: from then on the execution runs to an end at least once. */
  start(execution: NewExpressExecution): Promise<'started' | 'deleting'>;
  /** Up to `limit` executions that nobody runs: state machines take turns. They are the worker's until it is gone. */
  claim(workerId: string, limit: number): Promise<ClaimedExpress[]>;
  /** All that the worker has claimed and not finished: also what it does not know of, because a claim was not answered. */
  owned(workerId: string): Promise<ClaimedExpress[]>;
  /** Group-committed: the execution has ended. Nothing, if it is not the worker's any more. */
  finish(id: string, workerId: string): Promise<void>;
  /** Gives an execution back, to be run again after a while; with a strike, if it met a fault. */
  rest(id: string, workerId: string, restMs: number, strikes: 0 | 1): Promise<void>;
}
export interface NewExpressExecution {
  /** UUID, version 7: those of a state machine are run in its order. */
  readonly id: string;
  readonly stateMachineId: string;
  readonly revisionRowId: string;
  /** The ExecutionStarted event, encoded. */
  readonly body: string;
}
export interface ClaimedExpress extends Omit<NewExpressExecution, 'stateMachineId'> {
  /** It has had its last strike, and is only to be ended. */
  readonly isGivenUp: boolean;
}

// ------------------------------------------------------------------ workers and services (architecture §2, §3)

export interface WorkerStore {
  register(info: {
    hostname: string;
    pid: number;
    version: string;
    /** Absent: left. */
    suspects?: SuspectPolicy;
  }): Promise<WorkerRegistration>;
  /**
   * Not alive: stop all work at once. The row is gone, because the reconciler took this worker for dead; or this is another
   * server than it has registered with, or one that was restored: what the worker has may never have happened there.
   */
  heartbeat(
    worker: Pick<WorkerRegistration, 'workerId' | 'incarnation' | 'walPosition'>,
  ): Promise<{ alive: boolean } & Pick<WorkerRegistration, 'walPosition' | 'time'>>;
  /** A clean end: leases go back (epoch + 1) and the row goes. */
  unregister(workerId: string): Promise<void>;
  /**
   * Due executions that nobody owns get a job each; at most `limit`. Answers how many. An execution that got a job
   * and is not claimed is due again after a few seconds, so that jobs may get lost.
   */
  wakeDue(limit: number): Promise<number>;
  /**
   * As {@link wakeDue}, for when there are more jobs than can be handled: only executions that have begun, first those
   * that have become due last. Those that have not, have jobs that wait for their turn.
   */
  wakeBegun(limit: number): Promise<number>;
  /**
   * Workers without a heartbeat for `timeoutMs` lose their leases (epoch + 1) and their rows; each execution that
   * they owned gets a job (`rescued`) and a strike: see {@link SuspectStore}. Executions that nobody owns and whose job
   * got lost are due again after a few seconds: see {@link wakeDue}.
   */
  reconcile(timeoutMs: number): Promise<Reconciliation>;
  /** Removes jobs that a runner took so long ago that it will not come back with them. Answers how many. */
  dropAbandonedJobs(takenForMs: number): Promise<number>;
  /** Forgets which signals were sent so long ago that nobody sends them again. */
  forgetSignals(sentForMs: number): Promise<void>;
  /** Calls back on news for this worker's executions (mail, stop): advisory, may be lost. Returns how to end it. */
  listen(workerId: string, news: (news: WorkerNews) => void): Promise<() => Promise<void>>;
}
export interface WorkerRegistration {
  readonly workerId: string;
  /** Of the database. */
  readonly incarnation: string;
  /** How far its write-ahead log had come; the latest that was told goes with the next heartbeat. */
  readonly walPosition: string;
  readonly time: number;
}
export interface Reconciliation {
  readonly deadWorkers: number;
  readonly rescued: number;
  /** Executions that are set aside from now on. */
  readonly setAside: readonly string[];
  /** Express executions that ended a worker once more when they were to be ended, and are gone. */
  readonly dropped: readonly string[];
}
export type WorkerNews =
  | { readonly kind: 'mail' }
  /** Express executions were started. */
  | { readonly kind: 'express' }
  /** An execution was ended from outside; leases from the epoch on are of a time after that. */
  | { readonly kind: 'stopped'; readonly executionId: string; readonly epoch: number }
  /** There are {@link ExecutionStore.orphans}, whoever's. */
  | { readonly kind: 'orphans' }
  /** The connection was lost and is back: anything may have been missed. */
  | { readonly kind: 'reconnected' };

// ------------------------------------------------------------------ slots of state machines with a cap

/** Slots are given by the transactions that start and end executions; this is for what they leave undone. */
export interface SlotStore {
  /** The cap of state machines whose tags name none; undefined: they have none. */
  setDefaultCap(maximum: number | undefined): Promise<void>;
  /**
   * Enters open executions that began before their state machine had a cap, a batch of them; until all are, none gets
   * a slot. Answers how many.
   */
  count(): Promise<number>;
  /** Gives free slots to executions that wait for one, a batch of them. Answers how many. */
  fill(): Promise<number>;
}

// ------------------------------------------------------------------ secrets of this installation

export interface SecretStore {
  /** The secret of this name, the same in every process: made of 32 random bytes when first asked for (base64url). */
  get(name: string): Promise<string>;
}

// ------------------------------------------------------------------ API keys

export interface KeyStore {
  /** Draws a new key. @throws Error when the store was opened without an encryption key */
  create(key: NewApiKey): Promise<SecretApiKey>;
  /**
   * Undefined: no such key, or it was revoked. Lookups that are made at the same moment are one query.
   * @throws Error when its secret is encrypted under a key that the store does not have
   */
  find(accessKeyId: string): Promise<SecretApiKey | undefined>;
  /** All, also those that were revoked, in the order in which they were made. */
  list(): Promise<ApiKey[]>;
  /** For ever: its secret is erased. False: no such key, or it was revoked before. */
  revoke(accessKeyId: string): Promise<boolean>;
  /** Undefined: new keys can be encrypted, and all that are there decrypted. Else what is wrong, and what to do. */
  check(): Promise<string | undefined>;
}
export interface NewApiKey {
  /** Where those who sign with it act. */
  readonly place: ArnPlace;
  readonly description: string | undefined;
}
export interface ApiKey extends NewApiKey {
  readonly accessKeyId: string;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}
export interface SecretApiKey extends ApiKey {
  readonly secretAccessKey: string;
}
