/** What each process tells of the whole installation, out of the database. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeCensus } from '../../store/census.ts';
import { connect } from '../../store/database.ts';
import { observeInstallation } from '../../store/installation-metrics.ts';
import { openStore } from '../../store/open.ts';
import { createLogger } from '../../telemetry/log.ts';
import { startTestMetrics } from '../support/metrics.ts';
import { PLACE } from '../support/place.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { ManualClock } from '../worker/manual-clock.ts';

const logger = createLogger('silent');
let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    insert into statehouse.state_machines (place, name, type) values ('aws us-east-1 000000000000', 'm', 'STANDARD')`);
  await client.query(`
    insert into statehouse.state_machine_revisions (state_machine_id, definition, role_arn) values (1, '{}', 'r')`);
  await client.query(`
    insert into statehouse.workers (hostname, pid, version, heartbeat_at)
    values ('a', 1, 'v', statehouse.now()), ('b', 2, 'v', statehouse.now() - interval '90 seconds')`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Executions of which each is due so many seconds from now. */
function executions(count: number, dueIn: string, owner: number | null = null) {
  return client.query(
    `insert into statehouse.executions (state_machine_id, revision_id, name, started_at, wake_at, owner)
     select 1, 1, gen_random_uuid(), statehouse.now(), statehouse.now() + $2::interval, $3
     from generate_series(1, $1)`,
    [count, dueIn, owner],
  );
}

async function measuredStore() {
  const measured = await startTestMetrics();
  const store = await openStore({
    databaseUrl: database.url,
    poolSize: 2,
    metrics: measured.metrics,
    logger,
  });
  return { ...measured, store, [Symbol.asyncDispose]: () => store.close() };
}

const of = (type: string, state: string) => ({
  statehouse_state_machine_type: type,
  statehouse_execution_state: state,
});

test('counts what waits, what runs and who works, and how old the oldest is', async () => {
  await executions(3, '-40 seconds');
  await executions(4, '1 hour');
  await executions(1, 'infinity');
  await executions(2, 'infinity');
  await client.query(`
    insert into statehouse.execution_slots (execution_id, state_machine_id, held)
    select id, 1, row_number() over (order by id desc) > 2 from statehouse.executions where wake_at = 'infinity'`);
  await executions(2, '1 hour', 1);
  await client.query(`
    insert into statehouse.express_executions (id, state_machine_id, revision_id, body, owner, run_at)
    select gen_random_uuid(), 1, 1, '', owner, statehouse.now() - interval '7 seconds'
    from unnest(array[null, null, 1]) as owner`);
  await client.query(`insert into statehouse.activity_tasks (activity_id, execution_id, scheduled_event_id, token, input)
    values (1, 1, 1, 't', '')`);
  await client.query('select statehouse.hint(array[1, 2]::bigint[])');
  await using measured = await measuredStore();
  const name = 'statehouse_installation';
  for (const [type, state, count] of [
    ['STANDARD', 'due', 3],
    ['STANDARD', 'parked', 5],
    ['STANDARD', 'waiting', 2],
    ['STANDARD', 'owned', 2],
    ['EXPRESS', 'due', 2],
    ['EXPRESS', 'owned', 1],
  ] as const)
    expect(await measured.sum(`${name}_executions`, of(type, state)), `${type} ${state}`).toBe(count);
  const age = (type: string) =>
    measured.sum(`${name}_executions_age_seconds`, { statehouse_state_machine_type: type });
  expect(await age('STANDARD')).toBeGreaterThanOrEqual(40);
  expect(await age('EXPRESS')).toBeGreaterThanOrEqual(7);
  expect(await measured.sum(`${name}_slot_wait_seconds`)).toBeGreaterThan(0);
  expect(await measured.sum(`${name}_jobs`)).toBe(2);
  expect(await measured.sum(`${name}_jobs_age_seconds`)).toBeGreaterThan(0);
  expect(await measured.sum(`${name}_activity_tasks`)).toBe(1);
  expect(await measured.sum(`${name}_workers`)).toBe(2);
  expect(await measured.sum(`${name}_workers_heartbeat_age_seconds`)).toBeGreaterThanOrEqual(90);
  expect(await measured.sum('db_client_connection_max')).toBe(2);
});

test('batches are measured by what they do', async () => {
  await using measured = await measuredStore();
  await Promise.all(['a', 'b', 'c'].map((name) => measured.store.activities.idOf(PLACE, name)));
  const labels = { statehouse_store_call: 'activity_id' };
  expect(await measured.sum('statehouse_store_batch_size_sum', labels)).toBe(3);
  expect(await measured.sum('statehouse_store_batch_size_count', labels)).toBe(1);
  expect(await measured.sum('statehouse_store_batch_duration_seconds_count', labels)).toBe(1);
});

test('beyond ten thousand what is parked is estimated, and what is due counted no further', async () => {
  await executions(10_100, '-1 second');
  await executions(12_000, '1 hour');
  await client.query('analyze statehouse.executions');
  await using measured = await measuredStore();
  const parked = await measured.sum('statehouse_installation_executions', of('STANDARD', 'parked'));
  expect(parked).toBeGreaterThan(11_000);
  expect(parked).toBeLessThan(15_000);
  expect(await measured.sum('statehouse_installation_executions', of('STANDARD', 'due'))).toBe(10_001);
});

test('the census reads indexes only, however much there is', async () => {
  const statements: string[] = [];
  const { database: kysely, pool } = connect({ databaseUrl: database.url, poolSize: 1, logger });
  pool.on('connect', (connection) => {
    const query = connection.query.bind(connection);
    connection.query = ((text: unknown, ...rest: []) => {
      statements.push(String(typeof text === 'object' ? (text as { text: string }).text : text));
      return query(text as string, ...rest);
    }) as typeof connection.query;
  });
  await takeCensus(kysely);
  await kysely.destroy();
  const census = statements.find((text) => text.startsWith('select\n'));
  await client.query('begin; set local enable_seqscan = off; set local enable_bitmapscan = off');
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${census}`);
  await client.query('rollback');
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('using executions_due');
  expect(plan).not.toMatch(/(Seq|Bitmap Heap) Scan on (?!workers)/);
});

test('is read once in fifteen seconds, and shows nothing rather than what was', async () => {
  const measured = await startTestMetrics();
  const clock = new ManualClock();
  const answers = [census(5), census(6), new Error('the database does not answer'), census(7)];
  const closing = new AbortController();
  const take = async () => {
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  };
  observeInstallation(measured.metrics, take, clock, closing.signal);
  const workers = () => measured.sum('statehouse_installation_workers');
  expect(await workers()).toBe(5);
  clock.advance(14_999);
  expect(await workers()).toBe(5);
  clock.advance(1);
  expect(await workers()).toBe(6);
  clock.advance(15_000);
  expect(await workers()).toBeNaN();
  clock.advance(15_000);
  expect(await workers()).toBe(7);
});

function census(workers: number) {
  const standard = { due: 0, parked: 0, waiting: 0, owned: 0, setAside: 0 };
  const nothing = { jobs: 0, ...standard, expressDue: 0, expressOwned: 0, activityTasks: 0 };
  const standardAges = { oldestDueAge: 0, oldestWaitingAge: 0 };
  const young = { nextJobAge: 0, ...standardAges, nextExpressAge: 0, oldestHeartbeatAge: 0 };
  return { ...nothing, ...young, workers };
}
