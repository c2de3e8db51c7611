import type { LogRecord } from './log-record.ts';

/** A record, and what it is about. */
export interface LogEntry {
  readonly record: LogRecord;
  readonly stateMachineArn: string;
  /** The state machine's log group. */
  readonly logGroupArn: string;
  /** ms since 1970: the event's. */
  readonly time: number;
}

/** Where records go. */
export interface LogDestination {
  /**
   * Writes records, in the order of their events within an execution. One call at a time.
   * @throws Error when they could not be written: they may be handed over again
   */
  write(entries: readonly LogEntry[]): Promise<void>;
  close(): Promise<void>;
}
