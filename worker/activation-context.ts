import type { ActivityStore } from '../store/activity.ts';
import type { ExecutionStore } from '../store/execution.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import type { Activation } from './activation.ts';
import type { Alarms } from './alarms.ts';
import type { Lease } from './lease.ts';
import type { Membership } from './membership.ts';
import type { Integrations } from './recovery.ts';

/**
 * Called after each append that has won, before its effects run; also a test's place to stop or to kill the process.
 * `end-activation`: give the lease back as soon as no call is under way, so that the next owner must go on
 * from the journal.
 */
export type AfterAppend = (executionId: string, seq: number) => 'continue' | 'end-activation';

/** What the live executions of a worker share. */
export interface ActivationContext {
  readonly integrations: Integrations;
  readonly activities: Pick<ActivityStore, 'idOf'>;
  readonly executions: Pick<ExecutionStore, 'journal'>;
  readonly alarms: Alarms<Activation>;
  readonly membership: Pick<Membership, 'isCurrent' | 'confirm'>;
  readonly metrics: Pick<Metrics, 'record'>;
  readonly logger: Logger;
  /** Executions that wait in memory with no call under way: they can be parked when places are wanted. */
  readonly resting: Set<Activation>;
  /** A deadline nearer than this is waited for in memory. */
  readonly hotMs: number;
  /** A parked execution leaves a snapshot when more than either has come since the last one. */
  readonly snapshotAfter: { readonly events: number; readonly characters: number };
  /** Bytes of its mail that an execution reads before it folds them. */
  readonly mailBytesMax: number;
  /** Events after which a run of pure states gets its append. */
  readonly maxEventsPerTransition: number;
  readonly afterAppend: AfterAppend;
  /** The database's time, ms since 1970. */
  now(): number;
  /** Others want to be alive. */
  isCrowded(): boolean;
  /** Delivers the mail that has come for this worker's executions. */
  checkMail(): Promise<void>;
  /** What an execution has in memory has become longer by so many characters. */
  grown(characters: number): void;
  /** Gives a lease back for others to go on from the journal. Never throws. */
  release(lease: Lease): Promise<void>;
  /** As {@link release}, after an error that nothing was prepared for. Never throws. */
  releaseAfter(error: unknown, lease: Lease): Promise<void>;
  /** The activation is over. */
  left(activation: Activation): void;
}
