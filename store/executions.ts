/** Executions as the API sees them. */

import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { drawId, groupCommit } from './batch.ts';
import { numbers } from './batch-columns.ts';
import type { Database } from './database.ts';
import type { EndWatch } from './end-watch.ts';
import type { ChildExecution, ExecutionStore, Orphan } from './execution.ts';
import { findBatch } from './find-execution.ts';
import { unescapeName } from './free-text.ts';
import { readJournal } from './journal-rows.ts';
import { listExecutions } from './list-executions.ts';
import { placeText, readPlace } from './place.ts';
import { redriveExecution } from './redrive.ts';
import type { RetryPolicy } from './retryable-errors.ts';
import { startBatch } from './start.ts';
import { stopExecution } from './stop.ts';

export function executionStore(
  database: Database,
  { retry, retryReads }: Readonly<Record<'retry' | 'retryReads', RetryPolicy>>,
  endWatch: EndWatch,
  metrics: Metrics,
): ExecutionStore & { drain(): Promise<void> } {
  const starts = groupCommit(database, retry, startBatch, metrics);
  const finds = groupCommit(database, retryReads, findBatch, metrics);
  return {
    start: (execution) => starts.submit({ ...execution, appendId: drawId() }),
    find: (place, stateMachineName, name) => finds.submit({ place, stateMachineName, name }),
    countOpen: (place, maximum) => countOpen(database, place, maximum),
    children: (executionId, scheduledEventIds) => children(database, executionId, scheduledEventIds),
    orphans: (limit) => orphans(database, limit),
    list: (query) => listExecutions(database, query),
    journal: (executionId, range) => readJournal(database, executionId, range),
    deleting: (limit) => deleting(database, limit),
    stop: (executionId, end) => stopExecution(database, retry, executionId, end),
    redrive: (executionId, redrive) => redriveExecution(database, retry, executionId, redrive),
    waitForEnd: (executionId, timeoutMs, signal) => endWatch.wait(executionId, timeoutMs, signal),
    drain: () => starts.drain(),
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
