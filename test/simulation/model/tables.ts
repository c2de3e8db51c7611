/** The rows of the model: those columns of migrations/ that decide anything. Times are ms since 1970. */
import type { ExecutionStatus } from '../../../runtime/execution/execution.ts';
import type { Mail, Snapshot } from '../../../store/lease.ts';
import type { RevisionRecord } from '../../../store/state-machine.ts';

export interface ExecutionRow {
  readonly id: string;
  readonly stateMachineId: string;
  readonly revisionRowId: string;
  readonly name: string;
  readonly version: number | undefined;
  readonly alias: string | undefined;
  readonly startedAt: number;
  readonly traceHeader: string | undefined;
  status: ExecutionStatus;
  stoppedAt: number | undefined;
  owner: string | undefined;
  epoch: number;
  claimId: number | undefined;
  headSeq: number;
  nextEventId: number;
  signals: number;
  /** Infinity: parked until a signal. */
  wakeAt: number;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  redriveCount: number;
  redrivenAt: number | undefined;
  earlierOpenMs: number;
}

export interface JournalRow {
  readonly seq: number;
  readonly firstEventId: number;
  readonly appendId: number;
  readonly body: string;
  /** By the database's clock. Postgres keeps no such column: it is there to tell early events. */
  readonly committedAt: number;
}

export interface TokenRow {
  readonly executionId: string;
  readonly scheduledEventId: number;
}

export interface ChildRow {
  readonly parentId: string;
  readonly scheduledEventId: number;
  readonly executionId: string;
  awaited: boolean;
  orphaned: boolean;
}

export interface JobRow {
  readonly executionId: string;
  takenAt: number | undefined;
}

/** What a call works on. */
export interface Transaction {
  readonly tables: Tables;
  /** By the database's clock. */
  readonly now: number;
  /** As NOTIFY: `orphans`, `mail <worker>`, `stopped <worker> <execution> <epoch>`; and graphile-worker's `jobs`. */
  readonly notify: (payload: string) => void;
}

export class Tables {
  /** State machines; a revision never changes, and here a machine has one. */
  readonly revisions: RevisionRecord[] = [];
  readonly executions = new Map<string, ExecutionRow>();
  /** `<machine> <name>` → execution. */
  readonly names = new Map<string, string>();
  readonly journal = new Map<string, JournalRow[]>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly tokens = new Map<string, TokenRow>();
  readonly workers = new Map<string, { heartbeatAt: number; claimsRevoked: number }>();
  readonly jobs = new Map<string, JobRow>();
  /** Signals that were sent, and when. */
  readonly sentSignals = new Map<number, number>();
  readonly redriveTokens = new Map<string, Map<string, number>>();
  mailbox: Omit<Mail, 'epoch' | 'signals'>[] = [];
  children: ChildRow[] = [];
  #ids = 0;

  /** As an identity column gives them: each is later than those before. */
  nextId(): string {
    return String(++this.#ids);
  }

  /** @throws Error when there is no such execution */
  execution(id: string): ExecutionRow {
    const row = this.executions.get(id);
    if (row === undefined) throw new Error(`There is no execution ${id}`);
    return row;
  }

  /** Of an execution that there is. */
  journalOf(id: string): JournalRow[] {
    const rows = this.journal.get(id);
    if (rows === undefined) throw new Error(`Execution ${id} has no journal`);
    return rows;
  }

  /** The state machine of a revision, or of an execution's. @throws Error when there is none */
  revision(rowId: string): RevisionRecord {
    const found = this.revisions.find((revision) => revision.rowId === rowId);
    if (found === undefined) throw new Error(`There is no revision ${rowId}`);
    return found;
  }
}

export function nameKey(stateMachineId: string, name: string): string {
  return `${stateMachineId} ${name}`;
}
