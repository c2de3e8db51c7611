import type { Execution, JournalEvent } from '../runtime/index.ts';
import { encodeEvents } from '../runtime/index.ts';
import type { JournalRow } from '../store/execution.ts';
import type {
  Append,
  AppendOutcome,
  Claim,
  End,
  LeaseStore,
  Mail,
  Snapshot,
  TokenClosing,
} from '../store/lease.ts';
import type { UncommittedEffect } from '../store/sql-task.ts';

/** What follows from a journal row, in the same transaction. */
export interface Consequences
  extends Pick<Append, 'mail' | 'openTokens' | 'closedTokens' | 'children' | 'leftChildren' | 'end'> {
  readonly nextEventId: number;
}

/**
 * A claimed execution, as the database knows it: the position in its journal, its mail, and the right to write,
 * which lasts until somebody raises the epoch.
 */
export class Lease {
  readonly executionId: string;
  readonly epoch: number;
  /** Characters of the journal that were read and written since the claim, or of what a long one has come to. */
  size: number;
  readonly #leases: LeaseStore;
  #seq: number;
  #nextEventId: number;
  /** Signals that have been handed over. */
  #signals: number;
  #lastMailId: bigint;
  #eventsSinceSnapshot: number;
  #sizeSinceSnapshot: number;

  constructor(leases: LeaseStore, claim: Claim) {
    this.#leases = leases;
    this.executionId = claim.executionId;
    this.epoch = claim.epoch;
    this.#seq = claim.headSeq;
    this.#nextEventId = claim.nextEventId;
    this.#signals = claim.signals;
    this.#lastMailId = claim.mail.reduce((last, { id }) => later(last, id), 0n);
    const journalSize = claim.journal.reduce((size, { body }) => size + body.length, 0);
    this.size = journalSize + (claim.snapshot?.body.length ?? 0);
    this.#sizeSinceSnapshot = journalSize;
    this.#eventsSinceSnapshot = claim.nextEventId - (claim.journal[0]?.firstEventId ?? claim.nextEventId);
  }

  /** Rows that the claim did not carry. */
  hasRead(rows: readonly JournalRow[]): void {
    const first = rows[0]?.firstEventId ?? this.#nextEventId;
    this.#eventsSinceSnapshot = Math.max(this.#eventsSinceSnapshot, this.#nextEventId - first);
    for (const { body } of rows) this.#sizeSinceSnapshot += body.length;
  }

  /** Of the last journal row. */
  get seq(): number {
    return this.#seq;
  }

  get eventsSinceSnapshot(): number {
    return this.#eventsSinceSnapshot;
  }

  get sizeSinceSnapshot(): number {
    return this.#sizeSinceSnapshot;
  }

  /**
   * Takes delivery of a piece of mail, and counts its signal. False: it was delivered before. (A poll may bring
   * what is being folded at that moment, and a slow one what was folded under an earlier lease. Ids of one execution's
   * mail only grow: each is given under its row lock.)
   */
  accept(mail: Mail): boolean {
    if (mail.epoch !== this.epoch || BigInt(mail.id) <= this.#lastMailId) return false;
    this.#lastMailId = BigInt(mail.id);
    this.#signals++;
    return true;
  }

  /**
   * Appends a journal row. One at a time.
   * @param effect what is committed with it
   * @throws what the database throws: then the row may be there or not, and only the journal can tell
   */
  async append(
    events: readonly JournalEvent[],
    consequences: Consequences,
    effect?: UncommittedEffect,
  ): Promise<AppendOutcome> {
    const body = encodeEvents(events);
    const append: Append = {
      executionId: this.executionId,
      epoch: this.epoch,
      seq: this.#seq + 1,
      firstEventId: this.#nextEventId,
      body,
      ...consequences,
    };
    const outcome = await (effect?.commitWith(append) ?? this.#leases.append(append));
    if (outcome === 'lost') return outcome;
    this.#seq = append.seq;
    this.#nextEventId = append.nextEventId;
    this.size += body.length;
    this.#sizeSinceSnapshot += body.length;
    this.#eventsSinceSnapshot += events.length;
    return outcome;
  }

  /** Before attempts are given up: see {@link LeaseStore.closeTokens}. @throws what the database throws */
  closeTokens(attempts: TokenClosing['attempts']): Promise<'closed' | 'news' | 'lost'> {
    return this.#leases.closeTokens({ executionId: this.executionId, epoch: this.epoch, attempts });
  }

  /** Whether somebody else has the right to write by now. @throws what the database throws */
  async isLost(): Promise<boolean> {
    return (await this.closeTokens([])) === 'lost';
  }

  /**
   * Gives the lease back, and leaves the state as of now in a snapshot. False: there is mail that has not been
   * handed over. @throws what the database throws
   */
  park(wakeAt: number | null, state: Omit<Snapshot, 'seq'> | undefined): Promise<boolean> {
    return this.#leases.park({
      executionId: this.executionId,
      epoch: this.epoch,
      signals: this.#signals,
      wakeAt,
      snapshot: state && { ...state, seq: this.#seq },
    });
  }

  /**
   * Gives the lease back, mail or not, so that somebody else can go on from the journal; what is in memory
   * does not count any more.
   * @param fetchMail for this worker's executions
   * @throws what the database throws
   */
  async release(wakeAt: number, fetchMail: () => Promise<readonly Mail[]>): Promise<void> {
    for (let accepted = this.#signals; !(await this.park(wakeAt, undefined)); accepted = this.#signals) {
      for (const mail of await fetchMail()) if (mail.executionId === this.executionId) this.accept(mail);
      // Some may have been delivered by others meanwhile: then these are none that are new.
      if (this.#signals === accepted) throw new Error('Signals have come, but no mail');
    }
  }
}

function later(id: bigint, other: string): bigint {
  const otherId = BigInt(other);
  return otherId > id ? otherId : id;
}

/** How a row ends the execution; undefined: it goes on. */
export function endOf({ status, output, failure, lastEventTime }: Execution): End | undefined {
  if (status === 'RUNNING') return undefined;
  return {
    status,
    stoppedAt: lastEventTime,
    output: output?.text,
    error: failure?.error,
    cause: failure?.cause,
  };
}
