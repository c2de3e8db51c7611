/** The tables of migrations/ that typed queries read and write, for Kysely. */
import type { ColumnType, Generated } from 'kysely';
import type { ExecutionStatus } from '../runtime/execution/execution.ts';
import type { MachineType } from '../runtime/machine/machine.ts';
import type { MailKind } from './lease.ts';
import type { MapRunRecord } from './map-run.ts';
import type { SuspectPolicy } from './suspects.ts';
import type { TaggedResource } from './tag.ts';
import type { Publication } from './versioning.ts';

export interface Tables {
  state_machines: StateMachineRow;
  state_machine_revisions: RevisionRow;
  versions: VersionRow;
  aliases: AliasRow;
  alias_routes: { alias_id: string; position: number; version_number: number; weight: number };
  activities: {
    id: Generated<string>;
    place: string;
    name: string;
    encryption_configuration: unknown;
    created_at: Generated<Date>;
  };
  tags: { resource_type: TaggedResource['type']; resource_id: string; key: string; value: string };
  machine_turns: { state_machine_id: string };
  executions: ExecutionRow;
  execution_names: { state_machine_id: string; name: string; execution_id: string };
  journal: { execution_id: string; seq: number; first_event_id: number; append_id: string; body: string };
  snapshots: { execution_id: string; seq: number; version: number; body: string };
  mailbox: MailRow;
  child_executions: {
    parent_execution_id: string;
    scheduled_event_id: number;
    execution_id: string;
    awaited: boolean;
    orphaned: boolean;
    /** Null, as what follows: its row is there. */
    removed_machine_name: string | null;
    removed_name: string | null;
    removed_started_at: Date | null;
  };
  map_runs: MapRunRow;
  workers: WorkerRow;
  suspects: {
    execution_id: string;
    strikes: number;
    struck_at_seq: number;
    struck_at: Date;
    /** JSON text. */
    reason: string;
  };
  secrets: { name: string; value: string };
  api_keys: ApiKeyRow;
}

interface StateMachineRow {
  id: Generated<string>;
  place: string;
  name: string;
  type: MachineType;
  status: Generated<'ACTIVE' | 'DELETING'>;
  current_revision_id: string | null;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  deleted_at: Date | null;
  last_version: Generated<number>;
  created_publication: ColumnType<Partial<Publication> | null, string | null, never>;
}

interface RevisionRow {
  id: Generated<string>;
  state_machine_id: string;
  uuid: string | null;
  definition: string;
  role_arn: string;
  logging_configuration: unknown;
  tracing_configuration: unknown;
  encryption_configuration: unknown;
  created_at: Generated<Date>;
}

interface VersionRow {
  state_machine_id: string;
  number: number;
  revision_id: string;
  description: string | null;
  created_at: Generated<Date>;
}

interface AliasRow {
  id: Generated<string>;
  state_machine_id: string;
  name: string;
  description: string | null;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

/** Without the lease, which only SQL functions touch. */
interface ExecutionRow {
  id: string;
  state_machine_id: string;
  revision_id: string;
  name: string;
  version_number: number | null;
  alias_name: string | null;
  status: ExecutionStatus;
  started_at: Date;
  stopped_at: Date | null;
  redrive_count: number;
  redriven_at: Date | null;
  owner: string | null;
  owner_epoch: number;
  signals: number;
  head_seq: number;
  next_event_id: number;
  output: string | null;
  error: string | null;
  cause: string | null;
  trace_header: string | null;
}

interface MapRunRow {
  id: Generated<string>;
  execution_id: string;
  label: string;
  uuid: string;
  status: MapRunRecord['status'];
  started_at: Date;
  stopped_at: Date | null;
  max_concurrency: number;
  tolerated_failure_count: ColumnType<string, number, number>;
  tolerated_failure_percentage: number;
  item_counts: unknown;
  execution_counts: unknown;
  redrive_count: number;
  redriven_at: Date | null;
}

interface MailRow {
  id: string;
  execution_id: string;
  kind: MailKind;
  scheduled_event_id: number;
  body: string;
}

interface WorkerRow {
  id: Generated<string>;
  hostname: string;
  pid: number;
  version: string;
  heartbeat_at: Date;
  incarnation: string;
  suspects: Generated<SuspectPolicy>;
}

interface ApiKeyRow {
  access_key_id: string;
  place: string;
  description: string | null;
  /** Null: revoked. */
  sealed_secret: Buffer | null;
  sealed_under: string;
  created_at: Generated<Date>;
  revoked_at: Date | null;
}
