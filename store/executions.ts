/** Executions as the API sees them. */

import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { drawId, groupCommit } from './batch.ts';
import { numbers } from './batch-columns.ts';
import type { Database } from './database.ts';
import type { EndWatch } from './end-watch.ts';
import type {
  ChildExecution,
  ExecutionRecord,
  ExecutionStore,
  ExecutionSummary,
  ListExecutions,
  Orphan,
} from './execution.ts';
import { escapeName, unescapeName, unquoteText } from './free-text.ts';
import { readJournal } from './journal-rows.ts';
import { placeText, readPlace } from './place.ts';
import { type RedriveFacts, redriveRefusal } from './redrivability.ts';
import { redriveExecution } from './redrive.ts';
import type { RetryPolicy } from './retryable-errors.ts';
import { inputOf, startBatch } from './start.ts';
import { stopExecution } from './stop.ts';

export function executionStore(
  database: Database,
  retry: RetryPolicy,
  endWatch: EndWatch,
  metrics: Metrics,
): ExecutionStore & { drain(): Promise<void> } {
  const starts = groupCommit(database, retry, startBatch, metrics);
  return {
    start: (execution) => starts.submit({ ...execution, appendId: drawId() }),
    find: (place, stateMachineName, name) => find(database, place, stateMachineName, name),
    countOpen: (place, maximum) => countOpen(database, place, maximum),
    children: (executionId, scheduledEventIds) => children(database, executionId, scheduledEventIds),
    orphans: (limit) => orphans(database, limit),
    list: (query) => list(database, query),
    journal: (executionId, range) => readJournal(database, executionId, range),
    deleting: (limit) => deleting(database, limit),
    stop: (executionId, end) => stopExecution(database, retry, executionId, end),
    redrive: (executionId, redrive) => redriveExecution(database, retry, executionId, redrive),
    waitForEnd: (executionId, timeoutMs, signal) => endWatch.wait(executionId, timeoutMs, signal),
    drain: () => starts.drain(),
  };
}

const SUMMARY = [
  'e.id',
  'm.name as state_machine_name',
  'e.name',
  'e.version_number',
  'e.alias_name',
  'e.status',
  'e.started_at',
  'e.stopped_at',
  'e.redrive_count',
  'e.redriven_at',
] as const;

interface SummaryRow {
  id: string;
  state_machine_name: string;
  name: string;
  version_number: number | null;
  alias_name: string | null;
  status: ExecutionSummary['status'];
  started_at: Date;
  stopped_at: Date | null;
  redrive_count: number;
  redriven_at: Date | null;
}

function toSummary(row: SummaryRow): ExecutionSummary {
  return {
    id: row.id,
    stateMachineName: unescapeName(row.state_machine_name),
    name: unescapeName(row.name),
    version: row.version_number ?? undefined,
    alias: row.alias_name ?? undefined,
    status: row.status,
    startedAt: row.started_at.getTime(),
    stoppedAt: row.stopped_at?.getTime(),
    redriveCount: row.redrive_count,
    redrivenAt: row.redriven_at?.getTime(),
  };
}

interface ExecutionRow extends SummaryRow, Omit<RedriveFacts, 'status'> {
  revision_id: string;
  output: string | null;
  error: string | null;
  cause: string | null;
  trace_header: string | null;
}

async function find(
  database: Database,
  place: ArnPlace,
  stateMachineName: string,
  name: string,
): Promise<ExecutionRecord | undefined> {
  const { rows } = await sql<ExecutionRow>`
    select * from statehouse.find_execution(
      ${placeText(place)}, ${escapeName(stateMachineName)}, ${escapeName(name)})`.execute(database);
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    ...toSummary(row),
    revisionRowId: row.revision_id,
    input: inputOf(row.first_body),
    output: row.output ?? undefined,
    error: unquoteText(row.error),
    cause: unquoteText(row.cause),
    traceHeader: unquoteText(row.trace_header),
    lastEventId: row.next_event_id - 1,
    redriveRefusal: redriveRefusal(row),
  };
}

async function countOpen(database: Database, place: ArnPlace, maximum: number): Promise<number> {
  const some = database
    .selectFrom('state_machines as m')
    .innerJoin('executions as e', 'e.state_machine_id', 'm.id')
    .select('e.id')
    .where('m.place', '=', placeText(place))
    .where('e.status', '=', 'RUNNING')
    .limit(maximum);
  const { rows } = await database
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<string>().as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

async function children(
  database: Database,
  executionId: string,
  scheduledEventIds: readonly number[],
): Promise<ChildExecution[]> {
  const rows = await database
    .selectFrom('child_executions as c')
    .leftJoin('executions as e', 'e.id', 'c.execution_id')
    .leftJoin('state_machines as m', 'm.id', 'e.state_machine_id')
    .select(({ fn }) => [
      'c.scheduled_event_id',
      'c.execution_id',
      fn.coalesce('m.name', 'c.removed_machine_name').$castTo<string>().as('machine_name'),
      fn.coalesce('e.name', 'c.removed_name').$castTo<string>().as('name'),
      fn.coalesce('e.started_at', 'c.removed_started_at').$castTo<Date>().as('started_at'),
    ])
    .where('c.parent_execution_id', '=', executionId)
    .where(sql<boolean>`c.scheduled_event_id = any (${numbers(scheduledEventIds)}::int[])`)
    .execute();
  return rows.map((row) => ({
    scheduledEventId: row.scheduled_event_id,
    id: row.execution_id,
    stateMachineName: unescapeName(row.machine_name),
    name: unescapeName(row.name),
    startedAt: row.started_at.getTime(),
  }));
}

async function orphans(database: Database, limit: number): Promise<Orphan[]> {
  const rows = await database
    .selectFrom('child_executions as c')
    .innerJoin('executions as e', 'e.id', 'c.execution_id')
    .innerJoin('executions as parent', 'parent.id', 'c.parent_execution_id')
    .innerJoin('state_machines as m', 'm.id', 'parent.state_machine_id')
    .select(['c.execution_id', 'm.place', 'm.name as state_machine_name', 'parent.name', 'parent.status'])
    .where('c.orphaned', '=', true)
    .where('e.status', '=', 'RUNNING')
    .orderBy('c.execution_id') // the index of orphans has them in this order, and no others
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    executionId: row.execution_id,
    parent: {
      place: readPlace(row.place),
      stateMachineName: unescapeName(row.state_machine_name),
      name: unescapeName(row.name),
      status: row.status,
    },
  }));
}

async function list(database: Database, query: ListExecutions): Promise<ExecutionSummary[]> {
  const { stateMachineId, version, alias, status, limit, after } = query;
  let select = database
    .selectFrom('executions as e')
    .innerJoin('state_machines as m', 'm.id', 'e.state_machine_id')
    .select(SUMMARY)
    .where('e.state_machine_id', '=', stateMachineId);
  if (version !== undefined) select = select.where('e.version_number', '=', version);
  if (alias !== undefined) select = select.where('e.alias_name', '=', alias);
  if (status !== undefined) select = select.where('e.status', '=', status);
  if (after !== undefined)
    select = select.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('e.started_at', 'e.id'), '<', tuple(new Date(after.startedAt), after.id)),
    );
  const rows = await select.orderBy('e.started_at', 'desc').orderBy('e.id', 'desc').limit(limit).execute();
  return rows.map(toSummary);
}

async function deleting(database: Database, limit: number): Promise<string[]> {
  const rows = await database
    .selectFrom('state_machines as m')
    .innerJoin('executions as e', 'e.state_machine_id', 'm.id')
    .select('e.id')
    .where('m.status', '=', 'DELETING')
    .where('m.deleted_at', 'is', null)
    .where('e.status', '=', 'RUNNING')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}
