/** The log table: written by whoever drives executions, read by ARN. */
import { sql } from 'kysely';
import type { LogEntry } from '../telemetry/logs/log-destination.ts';
import type { LogRecord } from '../telemetry/logs/log-record.ts';
import { drawId } from './batch.ts';
import { numbers, texts } from './batch-columns.ts';
import type { Database } from './database.ts';
import type { ExecutionLogStore, LogPage, LogQuery, LogStream } from './execution-log.ts';
import { escapeName, unescapeName } from './free-text.ts';
import { type RetryPolicy, retrying } from './retryable-errors.ts';

export function executionLogStore(database: Database, retry: RetryPolicy): ExecutionLogStore {
  return {
    write: async (entries) => {
      if (entries.length > 0) await write(database, retry, rowsOf(entries));
    },
    read: (query) => read(database, query),
    drop: (retentionDays) => drop(database, retentionDays),
  };
}

/** Records of one execution that were written together. */
interface LogRow {
  readonly stateMachineArn: string;
  readonly executionArn: string;
  /** JSON texts. */
  readonly records: string[];
  characters: number;
}

/** A row is read as a whole: a page should not have to take in much more than it gives out. */
const ROW_CHARACTERS_MAX = 64 * 1024;

function rowsOf(entries: readonly LogEntry[]): LogRow[] {
  const rows: LogRow[] = [];
  const growing = new Map<string, LogRow>();
  for (const { record, stateMachineArn } of entries) {
    const { execution_arn: executionArn, ...stored } = record;
    const text = JSON.stringify(stored);
    let row = growing.get(executionArn);
    if (row === undefined || row.characters + text.length > ROW_CHARACTERS_MAX) {
      row = { stateMachineArn, executionArn, records: [], characters: 0 };
      rows.push(row);
      growing.set(executionArn, row);
    }
    row.records.push(text);
    row.characters += text.length;
  }
  return rows;
}

async function write(database: Database, retry: RetryPolicy, rows: readonly LogRow[]): Promise<void> {
  const batchId = drawId();
  let isRepeated = false;
  await retrying(retry, async () => {
    const call = sql`
      select statehouse.write_logs(${batchId}, ${isRepeated},
        ${numbers(rows.map(({ records }) => records.length))},
        ${texts(rows.map(({ stateMachineArn }) => escapeName(stateMachineArn)))},
        ${texts(rows.map(({ executionArn }) => escapeName(executionArn)))},
        ${texts(rows.map(({ records }) => `[${records.join(',')}]`))})`;
    isRepeated = true;
    await call.execute(database);
  });
}

const COLUMNS: Readonly<Record<LogStream['of'], string>> = {
  execution: 'execution',
  stateMachine: 'state_machine',
};

/** Of a page; the row that crosses it is the last one. */
const PAGE_BYTES_MAX = 1024 * 1024;

async function read(database: Database, { stream, after, limit }: LogQuery): Promise<LogPage> {
  const column = sql.ref(COLUMNS[stream.of]);
  const arn = escapeName(stream.arn);
  const { rows } = await sql<{ position: string; execution: string; body: string }>`
    select position, execution, body
    from (
      select found.*, sum(octet_length(body)) over (order by position) - octet_length(body) as bytes_before
      from (
        select position, execution, body from statehouse.execution_logs
        where hashtextextended(${column}, 0) = hashtextextended(${arn}, 0) and ${column} = ${arn}
          and position > ${after}
        order by position limit ${limit}
      ) found
    ) page
    where bytes_before < ${PAGE_BYTES_MAX}
    order by position`.execute(database);
  const unread = rows.flatMap(recordsOf).filter(({ position }) => position > after);
  const given = unread.slice(0, limit);
  return { records: given.map(({ record }) => record), position: given.at(-1)?.position ?? after };
}

/** A row's records, each with its own position: the row has that of the last one. */
function recordsOf(row: { position: string; execution: string; body: string }) {
  const stored = JSON.parse(row.body) as Omit<LogRecord, 'execution_arn'>[];
  const first = Number(row.position) - stored.length + 1;
  const executionArn = unescapeName(row.execution);
  return stored.map(({ redrive_count, ...record }, index) => ({
    position: first + index,
    record: { ...record, execution_arn: executionArn, redrive_count },
  }));
}

async function drop(database: Database, retentionDays: number): Promise<number> {
  const { rows } = await sql<{ dropped: number }>`
    select dropped from statehouse.drop_logs(${retentionDays})`.execute(database);
  return rows[0]?.dropped ?? 0;
}
