/**
 * Records as CloudWatch Logs takes them: of one log stream at a time, in the order of their times, and no more than
 * there may be in one request.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
import type { LogEntry } from '../../telemetry/logs/log-destination.ts';

const EVENTS_MAX = 10_000;
const BYTES_MAX = 1_048_576;
const EVENT_BYTES = 26;
const SPAN_MS_MAX = 24 * 60 * 60 * 1000;

export interface LogUpload {
  readonly logGroupArn: string;
  readonly stateMachineArn: string;
  readonly entries: LogEntry[];
  readonly events: InputLogEvent[];
}

export interface InputLogEvent {
  /** ms since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

/** Each state machine has log streams of its own. */
export function uploadsOf(entries: readonly LogEntry[]): LogUpload[] {
  const streams = Map.groupBy(entries, streamOf);
  return [...streams.values()].flatMap(uploadsOfStream);
}

/** Names a log group and a state machine. */
export function streamOf({
  logGroupArn,
  stateMachineArn,
}: Pick<LogEntry, 'logGroupArn' | 'stateMachineArn'>): string {
  return `${logGroupArn} ${stateMachineArn}`;
}

function uploadsOfStream(entries: readonly LogEntry[]): LogUpload[] {
  const uploads: LogUpload[] = [];
  let bytes = 0;
  // Of events at the same time the order stays, so it does within an execution.
  for (const entry of entries.toSorted((a, b) => a.time - b.time)) {
    const event = { timestamp: entry.time, message: JSON.stringify(entry.record) };
    const eventBytes = Buffer.byteLength(event.message) + EVENT_BYTES;
    bytes += eventBytes;
    let upload = uploads.at(-1);
    if (upload === undefined || bytes > BYTES_MAX || isFull(upload, event)) {
      const { logGroupArn, stateMachineArn } = entry;
      upload = { logGroupArn, stateMachineArn, entries: [], events: [] };
      uploads.push(upload);
      bytes = eventBytes;
    }
    upload.entries.push(entry);
    upload.events.push(event);
  }
  return uploads;
}

function isFull({ events }: LogUpload, { timestamp }: InputLogEvent): boolean {
  const [first] = events;
  return events.length === EVENTS_MAX || timestamp - (first?.timestamp ?? timestamp) > SPAN_MS_MAX;
}
