import type { LogRecord } from '../telemetry/logs/log-record.ts';
import { LogStates } from './log-states.ts';
import { abbreviate, type Colour, paint, print } from './terminal.ts';
import { dateTime } from './time.ts';

const TYPE_WIDTH = 24;
const STATE_WIDTH = 30;

/**
 * Prints records, a line each: when, which execution, what, in which state, and what went wrong.
 * @param showsExecutions false: all are of one
 */
export async function printLogs(
  records: AsyncIterable<LogRecord>,
  showsExecutions: boolean,
): Promise<number> {
  const states = new LogStates();
  let count = 0;
  let width = 0;
  for await (const record of records) {
    const execution = showsExecutions ? executionName(record.execution_arn) : '';
    width = Math.max(width, execution.length);
    print(line(record, execution && `${execution.padEnd(width)}  `, states.stateOf(record)));
    count++;
  }
  return count;
}

function line(record: LogRecord, execution: string, state: string): string {
  const { type, event_timestamp } = record;
  const time = dateTime(Number(event_timestamp) / 1000);
  const colour = colourOf(type);
  const padded = type.padEnd(TYPE_WIDTH);
  const room =
    (process.stdout.columns ?? 160) - time.length - execution.length - TYPE_WIDTH - STATE_WIDTH - 6;
  const failure = abbreviate(failureOf(record), Math.max(20, room));
  return [
    `${paint('dim', time)}  ${execution}${colour ? paint(colour, padded) : padded}`,
    paint('bold', failure === '' ? state : state.padEnd(STATE_WIDTH)),
    failure && paint('red', failure),
  ]
    .filter((part) => part !== '')
    .join('  ')
    .trimEnd();
}

/** `execution:order:run-1`, `express:order:run-1:ID` */
function executionName(arn: string): string {
  return arn.split(':')[7] ?? arn;
}

function colourOf(type: string): Colour | undefined {
  if (/(Failed|TimedOut|Aborted)$/.test(type)) return 'red';
  return type === 'ExecutionSucceeded' ? 'green' : undefined;
}

function failureOf({ details: { error, cause } }: LogRecord): string {
  return [error, cause].filter((part) => part !== undefined).join(': ');
}
