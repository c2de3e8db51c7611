import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Database } from './database.ts';
import { escapeName, unescapeName } from './free-text.ts';
import type { MapRunChange, MapRunName, MapRunRecord, MapRunStore } from './map-run.ts';
import { placeText } from './place.ts';

export function mapRunStore(database: Database): MapRunStore {
  return {
    find: (place, name) => find(database, place, name),
    list: (page) => list(database, page),
    update: (id, change) => update(database, id, change),
  };
}

/** Also of machines that are deleted: their executions stay. */
function mapRuns(database: Database) {
  return database
    .selectFrom('map_runs as r')
    .innerJoin('executions as e', 'e.id', 'r.execution_id')
    .innerJoin('state_machines as m', 'm.id', 'e.state_machine_id')
    .selectAll('r')
    .select(['m.name as state_machine_name', 'e.name as execution_name']);
}

type Row = Awaited<ReturnType<ReturnType<typeof mapRuns>['executeTakeFirstOrThrow']>>;

function toRecord(row: Row): MapRunRecord {
  return {
    id: row.id,
    stateMachineName: unescapeName(row.state_machine_name),
    executionName: unescapeName(row.execution_name),
    label: unescapeName(row.label),
    uuid: row.uuid,
    status: row.status,
    startedAt: row.started_at.getTime(),
    stoppedAt: row.stopped_at?.getTime(),
    maxConcurrency: row.max_concurrency,
    toleratedFailureCount: Number(row.tolerated_failure_count),
    toleratedFailurePercentage: row.tolerated_failure_percentage,
    itemCounts: row.item_counts,
    executionCounts: row.execution_counts,
    redriveCount: row.redrive_count,
    redrivenAt: row.redriven_at?.getTime(),
  };
}

async function find(
  database: Database,
  place: ArnPlace,
  { stateMachineName, label, uuid }: MapRunName,
): Promise<MapRunRecord | undefined> {
  const row = await mapRuns(database)
    .where('r.uuid', '=', uuid)
    .where('r.label', '=', escapeName(label))
    .where('m.place', '=', placeText(place))
    .where('m.name', '=', escapeName(stateMachineName))
    .executeTakeFirst();
  return row && toRecord(row);
}

async function list(
  database: Database,
  { executionId, limit, before }: Parameters<MapRunStore['list']>[0],
): Promise<MapRunRecord[]> {
  let select = mapRuns(database).where('r.execution_id', '=', executionId);
  if (before !== undefined) select = select.where('r.id', '<', before);
  return (await select.orderBy('r.id', 'desc').limit(limit).execute()).map(toRecord);
}

async function update(
  database: Database,
  id: string,
  { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage }: MapRunChange,
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('map_runs')
    .set({
      ...(maxConcurrency !== undefined && { max_concurrency: maxConcurrency }),
      ...(toleratedFailureCount !== undefined && { tolerated_failure_count: toleratedFailureCount }),
      ...(toleratedFailurePercentage !== undefined && {
        tolerated_failure_percentage: toleratedFailurePercentage,
      }),
    })
    .where('id', '=', id)
    .where('status', '=', 'RUNNING')
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}
