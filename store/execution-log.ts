/** What executions have logged, as the rest of Statehouse asks for it. */
import type { LogEntry } from '../telemetry/logs/log-destination.ts';
import type { LogRecord } from '../telemetry/logs/log-record.ts';

export interface ExecutionLogStore {
  /**
   * Writes records in one transaction, in their order within each execution. Writers take turns: a caller should gather
   * records, but not more than a few MiB.
   * @throws what the database throws, once it has failed for half a minute
   */
  write(entries: readonly LogEntry[]): Promise<void>;
  /** Records in the order in which they were written: what came after a position that was read comes later here too. */
  read(query: LogQuery): Promise<LogPage>;
  /**
   * Drops the records of days (UTC) that ended longer ago than so many days; answers of how many days. Whatever is in
   * the way is left to the next call.
   */
  drop(retentionDays: number): Promise<number>;
}

/** Whose records are meant. ARNs bear their place, so records of other places are never among them. */
export interface LogStream {
  readonly of: 'execution' | 'stateMachine';
  readonly arn: string;
}
export interface LogQuery {
  readonly stream: LogStream;
  /** Only what was written after it: the {@link LogPage.position} of another page, or a {@link logPosition}. */
  readonly after: number;
  /** Records, at most. There may be more also when fewer are answered. */
  readonly limit: number;
}
export interface LogPage {
  readonly records: readonly LogRecord[];
  /** Of the last record; where there is none, that of the query. */
  readonly position: number;
}

/**
 * The position of what is written at a time.
 * @param time ms since 1970
 */
export function logPosition(time: number): number {
  return time * 1000;
}
