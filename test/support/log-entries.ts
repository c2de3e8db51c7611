/** Records for tests of the log table. */
import { executionArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import type { ExecutionLogStore, LogStream } from '../../store/execution-log.ts';
import type { LogEntry } from '../../telemetry/logs/log-destination.ts';
import type { LogRecord } from '../../telemetry/logs/log-record.ts';
import { PLACE } from './place.ts';

/** The record of an event of an execution of the state machine `order`. */
export function logEntry(execution: string, id: number, details: LogRecord['details'] = {}): LogEntry {
  const time = 1_700_000_000_000 + id;
  return {
    record: {
      id: String(id),
      type: 'PassStateEntered',
      details,
      previous_event_id: String(id - 1),
      event_timestamp: String(time),
      execution_arn: executionArn(PLACE, 'order', execution),
      redrive_count: '0',
    },
    stateMachineArn: stateMachineArn(PLACE, 'order'),
    logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:order:*',
    time,
    span: undefined,
    size: 500,
  };
}

export const ORDER: LogStream = { of: 'stateMachine', arn: stateMachineArn(PLACE, 'order') };

export function executionStream(name: string): LogStream {
  return { of: 'execution', arn: executionArn(PLACE, 'order', name) };
}

/** `run:3`: whose record of which event. */
export function label({ execution_arn, id }: LogRecord): string {
  return `${execution_arn.split(':').at(-1)}:${id}`;
}

/** All of a stream that can be read now, page by page. */
export async function readAll(
  logs: ExecutionLogStore,
  stream: LogStream,
  { after = 0, limit = 1000 } = {},
): Promise<LogRecord[]> {
  const page = await logs.read({ stream, after, limit });
  if (page.records.length === 0) return [];
  return [...page.records, ...(await readAll(logs, stream, { after: page.position, limit }))];
}
