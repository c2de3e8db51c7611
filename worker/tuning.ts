import { DEFAULT_LIMITS } from '../runtime/index.ts';

/** Bounds and thresholds of a worker; the defaults suit a process of about a gigabyte. */
export interface Tuning {
  /** Claims in flight at a time; the store makes one statement of those that come together. */
  readonly claimsMax: number;
  /** Standard executions alive at a time. */
  readonly executionsMax: number;
  /** Express executions alive at a time. */
  readonly expressExecutionsMax: number;
  /** Characters of the journals and the mail of Standard executions together; folded, they take a small multiple of that in bytes. */
  readonly journalCharactersMax: number;
  /** Bytes of snapshot and journal that a claim brings along at most; what is more is read afterwards. */
  readonly claimBytesMax: number;
  /** Bytes of a journal that are read at a time then. */
  readonly journalPageBytes: number;
  /** Bytes of an execution's mail that are read before they are folded; a single piece may be larger. */
  readonly mailBytesMax: number;
  /** Pieces of mail, of all executions together, that are read at a time. */
  readonly mailPageSize: number;
  /** A deadline nearer than this is waited for in memory: parking and claiming again costs two transactions. */
  readonly hotMs: number;
  /**
   * A parked execution leaves a snapshot when more than either has come since the last one. Reading that much
   * journal costs about as much as writing the snapshot.
   */
  readonly snapshotAfter: { readonly events: number; readonly characters: number };
  /** Events after which a run of pure states gets its append; 0 makes one of each step. */
  readonly maxEventsPerTransition: number;
}

export const DEFAULT_TUNING: Tuning = {
  claimsMax: 256,
  executionsMax: 5000,
  expressExecutionsMax: 1000,
  journalCharactersMax: 256 * 1024 * 1024,
  claimBytesMax: 256 * 1024,
  journalPageBytes: 4 * 1024 * 1024,
  mailBytesMax: 256 * 1024,
  mailPageSize: 256,
  hotMs: 5000,
  snapshotAfter: { events: 100, characters: 64 * 1024 },
  maxEventsPerTransition: DEFAULT_LIMITS.maxEventsPerTransition,
};
