/** Workers, and what their services do for all executions. */
import type { SuspectPolicy } from './suspects.ts';

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
   * Due executions that nobody owns get a job each, the longest due first, until `jobsMax` jobs wait. When as many wait
   * already, only executions that have begun, first those that have become due last, and at most `begunMax`: those that have
   * not, have jobs that wait for their turn. Answers how many. An execution that got a job and is not claimed is due
   * again after a few seconds, so that jobs may get lost.
   */
  wakeDue(jobsMax: number, begunMax: number): Promise<number>;
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
