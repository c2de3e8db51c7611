/**
 * What the rest of Statehouse asks of Postgres. Only this folder speaks SQL.
 *
 * Calls on the hot path (start, claim, append, park, signal) gather calls made at the same moment into one
 * SQL function call each (group-commit.ts): callers just await their own outcome.
 *
 * Ids are bigint in Postgres and decimal strings here. Times are ms since 1970 by the database's clock.
 */
import type { ActivityStore } from './activity.ts';
import type { KeyStore } from './api-key.ts';
import type { ExecutionStore } from './execution.ts';
import type { ExecutionLogStore } from './execution-log.ts';
import type { ExpressStore } from './express-execution.ts';
import type { LeaseStore } from './lease.ts';
import type { MapRunStore } from './map-run.ts';
import type { RetentionStore } from './retention.ts';
import type { SecretStore } from './secret.ts';
import type { SlotStore } from './slot.ts';
import type { SqlTaskStore } from './sql-task.ts';
import type { StateMachineStore } from './state-machine.ts';
import type { SuspectStore } from './suspects.ts';
import type { TagStore } from './tag.ts';
import type { AliasStore, VersionStore } from './versioning.ts';
import type { WorkerStore } from './worker.ts';

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
  /**
   * Readiness: the database answers, can be written to, and its schema is this program's. Undefined when all is well.
   * @param withinMs absent: as soon as who probes a process wants to know
   */
  check(withinMs?: number): Promise<string | undefined>;
  close(): Promise<void>;
}
