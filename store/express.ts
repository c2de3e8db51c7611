/** Asynchronous executions of EXPRESS state machines: a row each, from the start to the end. */
import { sql } from 'kysely';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { type Batch, groupCommit } from './batch.ts';
import { numbers, texts } from './batch-columns.ts';
import type { Database } from './database.ts';
import type { ClaimedExpress, ExpressStore, NewExpressExecution } from './express-execution.ts';
import type { RetryPolicy } from './retryable-errors.ts';

export function expressStore(
  database: Database,
  { retry, retryResults }: Record<'retry' | 'retryResults', RetryPolicy>,
  metrics: Metrics,
): ExpressStore & { drain(): Promise<unknown> } {
  const starts = groupCommit(database, retry, startBatch, metrics);
  const finishes = groupCommit(database, retryResults, finishBatch, metrics);
  return {
    start: (execution) => starts.submit(execution),
    claim: (workerId, limit) => claim(database, workerId, limit),
    owned: (workerId) => owned(database, workerId),
    finish: (id, workerId) => finishes.submit({ id, workerId }),
    rest: (id, workerId, restMs, strikes) => rest(database, id, workerId, restMs, strikes),
    drain: () => Promise.all([starts.drain(), finishes.drain()]),
  };
}

const startBatch: Batch<NewExpressExecution, 'started' | 'deleting'> = {
  name: 'start_express',
  key: (execution) => execution.id,
  bytes: (execution) => execution.body.length,
  write: async (database, executions) => {
    const { rows } = await sql<{ active_ids: string[] }>`
      select active_ids from statehouse.start_express(
        ${numbers(executions.map(({ id }) => id))},
        ${numbers(executions.map(({ stateMachineId }) => stateMachineId))},
        ${numbers(executions.map(({ revisionRowId }) => revisionRowId))},
        ${texts(executions.map(({ body }) => body))})`.execute(database);
    const active = new Set(rows[0]?.active_ids);
    return executions.map(({ stateMachineId }) => (active.has(stateMachineId) ? 'started' : 'deleting'));
  },
};

interface Finish {
  readonly id: string;
  readonly workerId: string;
}

const finishBatch: Batch<Finish, void> = {
  name: 'finish_express',
  key: ({ id }) => id,
  bytes: () => 0,
  write: async (database, finished) => {
    await sql`
      delete from statehouse.express_executions e
      using unnest(${numbers(finished.map(({ id }) => id))}::uuid[],
        ${numbers(finished.map(({ workerId }) => workerId))}::bigint[]) as finished (id, owner)
      where e.id = finished.id and e.owner = finished.owner`.execute(database);
    return finished.map(() => undefined);
  },
};

interface ClaimedRow {
  id: string;
  revision_id: string;
  body: string;
  is_given_up: boolean;
}

async function claim(database: Database, workerId: string, limit: number): Promise<ClaimedExpress[]> {
  const { rows } = await sql<ClaimedRow>`
    select * from statehouse.claim_express(${workerId}, ${limit})`.execute(database);
  return rows.map(toClaimed);
}

function toClaimed(row: ClaimedRow): ClaimedExpress {
  return { id: row.id, revisionRowId: row.revision_id, body: row.body, isGivenUp: row.is_given_up };
}

async function owned(database: Database, workerId: string): Promise<ClaimedExpress[]> {
  const { rows } = await sql<ClaimedRow>`
    select id, revision_id, body, strikes >= statehouse.strikes_max() as is_given_up from statehouse.express_executions where owner = ${workerId}`.execute(
    database,
  );
  return rows.map(toClaimed);
}

async function rest(
  database: Database,
  id: string,
  workerId: string,
  restMs: number,
  strikes: number,
): Promise<void> {
  await sql`
    update statehouse.express_executions
    set owner = null, strikes = strikes + ${strikes}, run_at = statehouse.now() + ${restMs} * interval '1 millisecond'
    where id = ${id} and owner = ${workerId}`.execute(database);
}
