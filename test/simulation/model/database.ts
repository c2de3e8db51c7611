/**
 * The database in memory: what store/ and migrations/ promise of each call, as one function that nothing interrupts.
 * test/simulation/model.test.ts holds it against Postgres. Tests plant faults by overriding a call.
 */
import { FOLD_VERSION } from '../../../runtime/execution/snapshot.ts';
import type { AppendEntry } from '../../../store/append.ts';
import type { ClaimEntry } from '../../../store/claim.ts';
import type { NumberedAttempt } from '../../../store/claim-attempts.ts';
import type {
  ChildExecution,
  JournalRow,
  Orphan,
  Redrive,
  RedriveOutcome,
  StartOutcome,
  StopEnd,
  StoppedExecution,
} from '../../../store/execution.ts';
import type {
  AppendOutcome,
  Claim,
  Mail,
  MailPage,
  MailRange,
  OwnedLease,
  Park,
  RowRange,
  SignalOutcome,
  Snapshot,
  TokenClosing,
} from '../../../store/lease.ts';
import { placeText } from '../../../store/place.ts';
import type { SignalEntry } from '../../../store/signal.ts';
import type { StartEntry } from '../../../store/start.ts';
import type { RevisionRecord } from '../../../store/state-machine.ts';
import type { WorkerRegistration } from '../../../store/worker.ts';
import { PLACE } from '../../support/place.ts';
import { type AttemptedRow, append, type RedriveCall, redrive, stop } from './appends.ts';
import { dueAgainAt, hint, post } from './signals.ts';
import { start } from './starts.ts';
import { type ExecutionRow, Tables, type Transaction } from './tables.ts';

export class ModelDatabase {
  readonly tables = new Tables();
  readonly #clock: () => number;
  readonly #notify: Transaction['notify'];

  /**
   * @param clock the database's, whole ms since 1970
   * @param notify is heard by all who listen
   */
  constructor(clock: () => number, notify: Transaction['notify'] = () => {}) {
    this.#clock = clock;
    this.#notify = notify;
  }

  /** By the database's clock. */
  get now(): number {
    return this.#clock();
  }

  /** The transaction of one call. */
  get #tx(): Transaction {
    return { tables: this.tables, now: this.now, notify: this.#notify };
  }

  createStateMachine(stateMachineName: string, definition: string): RevisionRecord {
    const revision: RevisionRecord = {
      rowId: String(this.tables.revisions.length + 1),
      stateMachineName,
      type: 'STANDARD',
      definition,
      roleArn: 'arn:aws:iam::000000000000:role/test',
      revisionId: undefined,
      createdAt: this.now,
      loggingConfiguration: null,
      tracingConfiguration: null,
      encryptionConfiguration: null,
    };
    this.tables.revisions.push(revision);
    return revision;
  }

  start(entry: StartEntry): StartOutcome {
    return start(this.#tx, entry);
  }

  append(entry: AppendEntry): AppendOutcome {
    return append(this.#tx, entry);
  }

  stop(executionId: string, end: StopEnd, attempted?: AttemptedRow): StoppedExecution | undefined {
    return stop(this.#tx, executionId, end, attempted);
  }

  redrive(executionId: string, given: Redrive, call: RedriveCall): RedriveOutcome {
    return redrive(this.#tx, executionId, given, call);
  }

  claim(entry: ClaimEntry, { attempt, revoked }: NumberedAttempt): Claim | undefined {
    const { tables } = this;
    const { executionId, workerId, claimId, bytesMax = Number.POSITIVE_INFINITY } = entry;
    const worker = tables.workers.get(workerId);
    if (worker === undefined) return undefined;
    worker.claimsRevoked = Math.max(worker.claimsRevoked, revoked);
    const row = tables.executions.get(executionId);
    if (row?.status !== 'RUNNING') return undefined;
    const isRepeated = row.owner === workerId && row.claimId === claimId;
    if (!isRepeated && (row.owner !== undefined || attempt <= worker.claimsRevoked)) return undefined;
    if (!isRepeated) row.epoch++;
    Object.assign(row, { owner: workerId, claimId });
    const kept = this.snapshot(row.id);
    const { epoch, headSeq, nextEventId, signals, revisionRowId } = row;
    const keptBytes = Buffer.byteLength(kept?.body ?? '');
    const snapshot = keptBytes <= bytesMax ? kept : undefined;
    const rest = this.rows(row.id, { after: kept?.seq ?? 0, to: headSeq });
    const journal = rest.filter((_, at) => bytesOf(rest.slice(0, at + 1)) <= bytesMax - keptBytes);
    const allMail = this.#mailOf(row);
    const mail = firstOf(allMail, entry.mailBytesMax);
    return {
      ...{ executionId, epoch, headSeq, nextEventId, signals, revisionRowId },
      ...{ snapshot, journal, mail, mailLeft: allMail.length - mail.length },
    };
  }

  snapshot(executionId: string): Snapshot | undefined {
    const kept = this.tables.snapshots.get(executionId);
    return kept?.version === FOLD_VERSION ? kept : undefined;
  }

  rows(executionId: string, range: Omit<RowRange, 'bytesMax'> & Partial<RowRange>): JournalRow[] {
    const { after, to, bytesMax } = range;
    const rows = this.journal(executionId).filter(({ seq }) => seq > after && seq <= to);
    return firstOf(rows, bytesMax);
  }

  park({ executionId, epoch, signals, wakeAt, snapshot }: Park): boolean {
    const row = this.tables.executions.get(executionId);
    if (row?.epoch !== epoch) return true;
    if (row.signals !== signals || row.status !== 'RUNNING') return false;
    Object.assign(row, { owner: undefined, epoch: epoch + 1, wakeAt: wakeAt ?? Number.POSITIVE_INFINITY });
    if (snapshot !== undefined) this.tables.snapshots.set(row.id, snapshot);
    return true;
  }

  mail(workerId: string, { after = '0', limit }: MailRange): MailPage {
    const owned = [...this.tables.executions.values()].filter(({ owner }) => owner === workerId);
    const rest = owned.filter(({ id }) => Number(id) > Number(after));
    const mail = rest.flatMap((row) => this.#mailOf(row)).slice(0, limit);
    return { mail, continuesAfter: mail.length < limit ? undefined : mail.at(-1)?.executionId };
  }

  mailOf(executionId: string, bytesMax: number): Mail[] {
    const row = this.tables.executions.get(executionId);
    return row === undefined ? [] : firstOf(this.#mailOf(row), bytesMax);
  }

  owned(workerId: string): OwnedLease[] {
    const owned = [...this.tables.executions.values()].filter(({ owner }) => owner === workerId);
    return owned.map(({ id, epoch, signals }) => ({ executionId: id, epoch, signals }));
  }

  #mailOf({ id, epoch, signals }: ExecutionRow): Mail[] {
    const own = this.tables.mailbox.filter(({ executionId }) => executionId === id);
    return own.map((piece) => ({ ...piece, epoch, signals }));
  }

  closeTokens({ executionId, epoch, attempts }: TokenClosing): 'closed' | 'news' | 'lost' {
    const { executions, mailbox, tokens } = this.tables;
    if (executions.get(executionId)?.epoch !== epoch) return 'lost';
    const mail = mailbox.filter((piece) => piece.executionId === executionId);
    const withNews = new Set(mail.map(({ scheduledEventId }) => scheduledEventId));
    const closing = attempts.filter(({ scheduledEventId }) => !withNews.has(scheduledEventId));
    for (const { token } of closing) if (tokens.get(token)?.executionId === executionId) tokens.delete(token);
    return closing.length < attempts.length ? 'news' : 'closed';
  }

  signal({ token, place, kind, body, signalId }: SignalEntry): SignalOutcome {
    const { tokens, sentSignals } = this.tables;
    const waiting = tokens.get(token);
    if (waiting === undefined || placeText(place) !== placeText(PLACE))
      return sentSignals.has(signalId) ? 'sent' : 'unknown';
    post(this.#tx, { ...waiting, kind, body });
    if (kind !== 'HeartbeatReceived') {
      tokens.delete(token);
      sentSignals.set(signalId, this.now);
    }
    return 'sent';
  }

  forgetSignals(sentForMs: number): void {
    const { sentSignals } = this.tables;
    for (const [id, sentAt] of sentSignals) if (sentAt < this.now - sentForMs) sentSignals.delete(id);
  }

  /** All rows of a journal, or those with events from one id to another. */
  journal(executionId: string, range = { from: 1, to: Number.POSITIVE_INFINITY }): JournalRow[] {
    const rows = this.tables.journal.get(executionId) ?? [];
    const first = rows.findLast(({ firstEventId }) => firstEventId <= Math.max(range.from, 1));
    return rows
      .filter(({ seq, firstEventId }) => seq >= (first?.seq ?? 1) && firstEventId <= range.to)
      .map(({ seq, firstEventId, body }) => ({ seq, firstEventId, body }));
  }

  childrenOf(executionId: string, scheduledEventIds: readonly number[]): ChildExecution[] {
    return this.tables.children
      .filter((child) => child.parentId === executionId && scheduledEventIds.includes(child.scheduledEventId))
      .map((child) => {
        const { id, name, startedAt, revisionRowId } = this.tables.execution(child.executionId);
        const { stateMachineName } = this.tables.revision(revisionRowId);
        return { scheduledEventId: child.scheduledEventId, id, stateMachineName, name, startedAt };
      });
  }

  orphans(limit: number): Orphan[] {
    const running = this.tables.children.filter(
      ({ orphaned, executionId }) => orphaned && this.tables.execution(executionId).status === 'RUNNING',
    );
    return running.slice(0, limit).map(({ executionId, parentId }) => {
      const { name, status, revisionRowId } = this.tables.execution(parentId);
      const { stateMachineName } = this.tables.revision(revisionRowId);
      return { executionId, parent: { place: PLACE, stateMachineName, name, status } };
    });
  }

  register(): WorkerRegistration {
    const workerId = this.tables.nextId();
    this.tables.workers.set(workerId, { heartbeatAt: this.now, claimsRevoked: 0 });
    return { workerId, incarnation: 'simulated', walPosition: '0', time: this.now };
  }

  heartbeat(workerId: string): { alive: boolean; walPosition: string; time: number } {
    const worker = this.tables.workers.get(workerId);
    if (worker !== undefined) worker.heartbeatAt = this.now;
    return { alive: worker !== undefined, walPosition: '0', time: this.now };
  }

  unregister(workerId: string): void {
    this.tables.workers.delete(workerId);
    this.#release(workerId);
  }

  reconcile(timeoutMs: number): { deadWorkers: number; rescued: number } {
    const { workers } = this.tables;
    const dead = [...workers].filter(([, { heartbeatAt }]) => heartbeatAt < this.now - timeoutMs);
    for (const [workerId] of dead) workers.delete(workerId);
    const rescued = dead.reduce((sum, [workerId]) => sum + this.#release(workerId), 0);
    return { deadWorkers: dead.length, rescued };
  }

  #release(workerId: string): number {
    const owned = [...this.tables.executions.values()].filter(({ owner }) => owner === workerId);
    for (const row of owned) {
      Object.assign(row, { owner: undefined, epoch: row.epoch + 1, wakeAt: dueAgainAt(this.#tx) });
      hint(this.#tx, row.id);
    }
    return owned.length;
  }

  wakeDue(jobsMax: number, begunMax: number): number {
    const waiting = [...this.tables.jobs.values()].filter(({ takenAt }) => takenAt === undefined);
    if (waiting.length < jobsMax) return this.#wake(this.#due().slice(0, jobsMax - waiting.length));
    const begun = this.#due().filter(({ epoch }) => epoch > 0);
    return this.#wake(begun.toReversed().slice(0, begunMax));
  }

  #due(): ExecutionRow[] {
    return [...this.tables.executions.values()]
      .filter((row) => row.owner === undefined && row.status === 'RUNNING' && row.wakeAt <= this.now)
      .sort((a, b) => a.wakeAt - b.wakeAt);
  }

  #wake(due: readonly ExecutionRow[]): number {
    for (const row of due) {
      row.wakeAt = dueAgainAt(this.#tx);
      hint(this.#tx, row.id);
    }
    return due.length;
  }

  /** As graphile-worker fetches them: jobs that nobody has taken. */
  takeJobs(limit: number): { jobId: string; executionId: string }[] {
    const waiting = [...this.tables.jobs].filter(([, { takenAt }]) => takenAt === undefined).slice(0, limit);
    return waiting.map(([jobId, job]) => {
      job.takenAt = this.now;
      return { jobId, executionId: job.executionId };
    });
  }

  completeJob(jobId: string): void {
    this.tables.jobs.delete(jobId);
  }

  dropAbandonedJobs(takenForMs: number): number {
    const { jobs } = this.tables;
    const abandoned = [...jobs].filter(
      ([, { takenAt }]) => (takenAt ?? Number.POSITIVE_INFINITY) < this.now - takenForMs,
    );
    for (const [jobId] of abandoned) jobs.delete(jobId);
    return abandoned.length;
  }
}

interface Text {
  readonly body: string;
}

/** One, and others as long as those before hold less text than `bytesMax`. */
function firstOf<Row extends Text>(rows: readonly Row[], bytesMax = Number.POSITIVE_INFINITY): Row[] {
  return rows.filter((_, at) => bytesOf(rows.slice(0, at)) < bytesMax);
}

function bytesOf(rows: readonly Text[]): number {
  return rows.reduce((bytes, { body }) => bytes + Buffer.byteLength(body), 0);
}
