import type { LogRecord } from '../telemetry/logs/log-record.ts';
import type { Client, LogQuery } from './client.ts';
import { isExecutionArn, isExpressArn } from './client-options.ts';
import { EXECUTION_END } from './follow.ts';

/** A look waits so long for news, and the last look at an execution that has ended for what is still being written. */
const WAIT_SECONDS = 2;
const PAGE_SIZE = 1000;

export interface LogsWanted {
  /** Of an execution, or of a state machine. */
  readonly arn: string;
  /** ISO 8601; undefined: from the first record on. */
  readonly since: string | undefined;
  /** Go on with what comes: of an execution until it has ended, of a state machine for ever. */
  readonly follow: boolean;
}

/**
 * The records there are, in the order in which they were written, and those that come.
 * @param nothingYet is called when there are none in the beginning
 */
export async function* logsOf(
  client: Client,
  { arn, since, follow }: LogsWanted,
  nothingYet: () => Promise<void>,
): AsyncGenerator<LogRecord> {
  const query: LogQuery = { arn, wait: 0, limit: PAGE_SIZE };
  let page = await client.logs({ ...query, ...(since !== undefined && { since }) });
  if (page.events.length === 0) await nothingYet();
  let last: LogRecord | undefined;
  for (let hasEnded = false; ; ) {
    yield* page.events;
    last = page.events.at(-1) ?? last;
    const isAtEnd = last !== undefined && EXECUTION_END.test(last.type) && isExecutionArn(arn);
    if (page.events.length === 0) {
      if (!follow || isAtEnd || hasEnded) return;
      hasEnded = await isClosed(client, arn);
    }
    // An end that was redriven by now is none.
    const wait = follow && !isAtEnd ? WAIT_SECONDS : 0;
    page = await client.logs({ ...query, after: page.nextCursor, wait });
  }
}

/** Not every level logs every end; but of an Express execution nothing else is known. */
async function isClosed(client: Client, arn: string): Promise<boolean> {
  if (!isExecutionArn(arn) || isExpressArn(arn)) return false;
  return (await client.call('DescribeExecution', { executionArn: arn })).status !== 'RUNNING';
}
