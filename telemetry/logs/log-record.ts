import { type HistoryEvent, type JournalEvent, toHistoryEvent } from '../../runtime/index.ts';
import { truncateExecutionData } from './truncation.ts';

/**
 * What AWS delivers to a log group: a record for each history event.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
export interface LogRecord {
  readonly id: string;
  readonly type: string;
  /** The event's details, without an object of their own for each type. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly previous_event_id: string;
  /** ms since 1970. */
  readonly event_timestamp: string;
  readonly execution_arn: string;
  readonly redrive_count: string;
}

export interface LoggedExecution {
  readonly executionArn: string;
  readonly redriveCount: number;
}

/** Undefined for internal records, which AWS does not have. */
export function toLogRecord(
  event: JournalEvent,
  { executionArn, redriveCount }: LoggedExecution,
  includeExecutionData: boolean,
): LogRecord | undefined {
  const shown = toHistoryEvent(event, { includeExecutionData });
  if (shown === undefined) return undefined;
  const details = detailsOf(shown);
  return {
    id: String(event.id),
    type: event.type,
    details: includeExecutionData ? truncateExecutionData(details) : withoutParameters(details),
    previous_event_id: String(event.previousEventId),
    event_timestamp: String(event.timestamp),
    execution_arn: executionArn,
    redrive_count: String(redriveCount),
  };
}

type Details = Readonly<Record<string, unknown>>;

const NO_DETAILS: Details = {};

function detailsOf(shown: HistoryEvent): Details {
  for (const key in shown)
    if (key.endsWith('EventDetails')) return shown[key as `${string}EventDetails`] ?? NO_DETAILS;
  return NO_DETAILS;
}

/** A history shows what a task is called with whether execution data is asked for or not; a log must not. */
function withoutParameters(details: Details): Details {
  if (!('parameters' in details)) return details;
  const { parameters: _, ...others } = details;
  return others;
}
