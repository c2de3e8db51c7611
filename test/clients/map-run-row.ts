import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { arnOf } from './definitions.ts';

export const COUNTS = {
  pending: 2,
  running: 1,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
  total: 3,
  resultsWritten: 0,
};

/**
 * A Map Run as Distributed Map states write it.
 * @param execution of the state machine, and its name: both are called the same
 * @returns its ARN
 */
export async function addMapRun(databaseUrl: string, execution: string): Promise<string> {
  const uuid = randomUUID();
  const database = new pg.Client(databaseUrl);
  await database.connect();
  await database.query(
    `insert into statehouse.map_runs (execution_id, label, uuid, started_at, item_counts, execution_counts)
     select execution_id, 'items', $2, now(), $3, $3 from statehouse.execution_names where name = $1`,
    [execution, uuid, COUNTS],
  );
  await database.end();
  return arnOf('mapRun', `${execution}/items:${uuid}`);
}
