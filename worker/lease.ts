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
  readonly #leases: LeaseStore;
  #seq: number;
  #nextEventId: number;
  /** Signals that are known of. */
  #signals: number;
  /** Those whose mail has not been handed over. */
  #unread: number;
  #lastMailId: bigint;
  /** Characters of the journal that were read and written since the claim, or of what a long one has come to. */
  #journalSize: number;
  /** Characters of the mail that has been handed over and not been folded, by its id. */
  readonly #mailSizes = new Map<string, number>();
  #mailSize = 0;
  #eventsSinceSnapshot: number;
  #sizeSinceSnapshot: number;

  constructor(leases: LeaseStore, claim: Claim) {
    this.#leases = leases;
    this.executionId = claim.executionId;
    this.epoch = claim.epoch;
    this.#seq = claim.headSeq;
    this.#nextEventId = claim.nextEventId;
    this.#signals = claim.signals;
    this.#unread = claim.mailLeft;
    this.#lastMailId = BigInt(claim.mail.at(-1)?.id ?? 0);
    for (const mail of claim.mail) this.#hold(mail);
    const journalSize = claim.journal.reduce((size, { body }) => size + body.length, 0);
    this.#journalSize = journalSize + (claim.snapshot?.body.length ?? 0);
    this.#sizeSinceSnapshot = journalSize;
    this.#eventsSinceSnapshot = claim.nextEventId - (claim.journal[0]?.firstEventId ?? claim.nextEventId);
  }

  /** Rows that the claim did not carry. */
  hasRead(rows: readonly JournalRow[]): void {
    const first = rows[0]?.firstEventId ?? this.#nextEventId;
    this.#eventsSinceSnapshot = Math.max(this.#eventsSinceSnapshot, this.#nextEventId - first);
    for (const { body } of rows) this.#sizeSinceSnapshot += body.length;
  }

  /** The long journal that was read has come to so many characters. */
  hasComeTo(characters: number): void {
    this.#journalSize = characters;
  }

  /** Characters of the journal, and of mail that it has not folded. */
  get size(): number {
    return this.#journalSize + this.#mailSize;
  }

  /** Mail is known of that has not been handed over. */
  get hasUnreadMail(): boolean {
    return this.#unread > 0;
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
   * Takes delivery of a piece of mail. False: it was delivered before, or must wait. (A poll may bring what is being folded
   * at that moment, and a slow one what was folded under an earlier lease. Ids of one execution's mail only grow: each is
   * given under its row lock; and whoever reads begins with the first.)
   * @param heldMax characters of mail that has been handed over and not been folded; with more, others wait
   */
  accept(mail: Mail, heldMax = Number.POSITIVE_INFINITY): boolean {
    this.#hearOf(mail);
    if (this.#mailSize >= heldMax) return false;
    if (mail.epoch !== this.epoch || BigInt(mail.id) <= this.#lastMailId) return false;
    this.#lastMailId = BigInt(mail.id);
    this.#unread--;
    this.#hold(mail);
    return true;
  }

  /** The next mail, if that before it has been folded. @throws what the database throws */
  nextMail(bytesMax: number): Promise<readonly Mail[]> {
    return this.#leases.mailOf(this.executionId, bytesMax);
  }

  #hearOf({ epoch, signals }: Mail): void {
    if (epoch !== this.epoch || signals <= this.#signals) return;
    this.#unread += signals - this.#signals;
    this.#signals = signals;
  }

  #hold({ id, body }: Mail): void {
    this.#mailSizes.set(id, body.length);
    this.#mailSize += body.length;
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
    this.#journalSize += body.length;
    for (const id of append.mail) this.#letGo(id);
    this.#sizeSinceSnapshot += body.length;
    this.#eventsSinceSnapshot += events.length;
    return outcome;
  }

  #letGo(mailId: string): void {
    this.#mailSize -= this.#mailSizes.get(mailId) ?? 0;
    this.#mailSizes.delete(mailId);
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
   * Gives the lease back, and leaves the state as of now in a snapshot. False: there is mail that is not known of.
   * @throws what the database throws
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
   * @throws what the database throws
   */
  async release(wakeAt: number): Promise<void> {
    for (let known = this.#signals; !(await this.park(wakeAt, undefined)); known = this.#signals) {
      for (const mail of await this.#leases.mailOf(this.executionId, 1)) this.#hearOf(mail);
      if (this.#signals === known) throw new Error('Signals have come, but no mail');
    }
  }
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
