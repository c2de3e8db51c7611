import type { SpanReference } from '../../runtime/index.ts';
import type { LogRecord } from './log-record.ts';

/** A record, and what it is about. */
export interface LogEntry {
  readonly record: LogRecord;
  readonly stateMachineArn: string;
  /** The state machine's log group. */
  readonly logGroupArn: string;
  /** ms since 1970: the event's. */
  readonly time: number;
  /** Of the execution, when it is in a trace. */
  readonly span: (SpanReference & { readonly isSampled: boolean }) | undefined;
  /** Characters of its texts, and so about what it takes of memory. */
  readonly size: number;
}

/** Where records go. */
export interface LogDestination {
  /**
   * Writes records, in the order of their events within an execution. One call at a time.
   * @param refuse tells of records that were refused and would be again
   * @throws PartlyWritten, or another Error when none was written: what is left may be handed over again
   */
  write(entries: readonly LogEntry[], refuse: (count: number, reason: string) => void): Promise<void>;
  /** Gives up a write that is under way. */
  close(): Promise<void>;
}

/** Some records were written, and then something went wrong. */
export class PartlyWritten extends Error {
  readonly left: readonly LogEntry[];

  constructor(left: readonly LogEntry[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.left = left;
  }
}
