/** What a claimed execution has come to: its snapshot, and the journal after it. */
import {
  decodeEvents,
  type Execution,
  fold,
  isBeginning,
  type JournalEvent,
  restore,
} from '../runtime/index.ts';
import type { JournalRow } from '../store/execution.ts';
import type { Claim, LeaseStore, Snapshot } from '../store/lease.ts';
import { requireReadable } from './journal-version.ts';
import type { Lease } from './lease.ts';

export interface Recollection {
  readonly execution: Execution;
  /** The last one of those that were read. */
  readonly lastEvent: JournalEvent | undefined;
}

/**
 * Of what the claim carries. Undefined: that is not all.
 * @throws NewerJournal; Error when it is not well-formed
 */
export function recollect({ journal, snapshot, headSeq }: Claim): Recollection | undefined {
  return seqOf(journal, snapshot) === headSeq ? new Folding(snapshot).read(journal) : undefined;
}

function seqOf(journal: readonly JournalRow[], snapshot: Snapshot | undefined): number {
  return journal.at(-1)?.seq ?? snapshot?.seq ?? 0;
}

class Folding {
  #execution: Execution | undefined;
  #lastEvent: JournalEvent | undefined;

  constructor(snapshot: Snapshot | undefined) {
    this.#execution = snapshot && restore(snapshot.body);
  }

  read(rows: readonly JournalRow[]): Recollection {
    const events = rows.flatMap(({ body, firstEventId }) => decodeEvents(body, firstEventId));
    for (const event of events) {
      if (isBeginning(event)) requireReadable(event.private.version);
    }
    const execution = fold(events, this.#execution);
    const lastEvent = events.at(-1) ?? this.#lastEvent;
    this.#execution = execution;
    this.#lastEvent = lastEvent;
    return { execution, lastEvent };
  }
}

export interface LongJournalsOptions {
  readonly leases: Pick<LeaseStore, 'snapshot' | 'rows'>;
  /** Bytes of a journal that are read at a time. */
  readonly pageBytes: number;
  /** Of what is alive. */
  readonly hasMemory: () => boolean;
  /** Nothing more is to come alive. */
  readonly isClosing: () => boolean;
}

/**
 * Reads what claims do not carry: page by page, and for one execution after another. So however long journals are, and however
 * many are claimed at once, there is one page in memory that is not folded yet.
 */
export class LongJournals {
  readonly #options: LongJournalsOptions;
  /** Whose journals have been read, or are being read. */
  readonly #alive = new Set<Lease>();
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(options: LongJournalsOptions) {
    this.#options = options;
  }

  /**
   * How much a long journal comes to is known only when it is read. One may come to more than there is memory for, as long as
   * it is the only one: otherwise those that need little would always come first.
   * @returns undefined: there is no memory for it now, or nothing more is to come alive
   * @throws as {@link recollect}, and what the database throws
   */
  recollect(claim: Claim, lease: Lease): Promise<Recollection | undefined> {
    const turn = this.#lastTurn.then(() => {
      if (this.#alive.size > 0 && !this.#options.hasMemory()) return undefined;
      this.#alive.add(lease);
      return this.#recollect(claim, lease);
    });
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  /** Is not alive any more, if it was one of them. */
  left(lease: Lease): void {
    this.#alive.delete(lease);
  }

  async #recollect(
    { executionId, headSeq, snapshot: carried, journal }: Claim,
    lease: Lease,
  ): Promise<Recollection | undefined> {
    const { leases, pageBytes, isClosing } = this.#options;
    const isCarried = carried !== undefined || journal.length > 0;
    const snapshot = isCarried ? carried : await leases.snapshot(executionId);
    const folding = new Folding(snapshot);
    let recollection = isCarried || snapshot ? folding.read(journal) : undefined;
    for (let seq = seqOf(journal, snapshot); seq < headSeq; ) {
      if (isClosing()) return undefined;
      const rows = await leases.rows(executionId, { after: seq, to: headSeq, bytesMax: pageBytes });
      const last = rows.at(-1);
      if (last === undefined) throw new Error(`Its journal has no row after ${seq}`);
      lease.hasRead(rows);
      recollection = folding.read(rows);
      seq = last.seq;
    }
    return recollection;
  }
}
