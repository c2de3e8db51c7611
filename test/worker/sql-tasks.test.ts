/** SQL of definitions: its effect and the record of its result are one transaction (docs/sql-tasks.md). */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RepeatableIntegration } from '../../integrations/integration.ts';
import { PostgresIntegration } from '../../integrations/postgres/postgres-integration.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import type { StopEnd } from '../../store/execution.ts';
import type { Store } from '../../store/store.ts';
import { administer } from '../support/administer.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { typesOf } from './child-executions.ts';
import { createWorld, fail, functionArn, succeed, type World } from './world.ts';

const EXECUTE = 'arn:aws:states:::postgres:execute';
const INSERT = 'insert into shop.orders (id, amount) values ($1, $2) returning *';
const STOPPED: StopEnd = { status: 'ABORTED', error: undefined, cause: undefined, body: () => '[]' };

const SHOP = `
  create schema shop;
  create table shop.orders (id text primary key, amount int not null check (amount > 0));
  create table shop.effects (at bigint generated always as identity, by text);
  create table shop.counters (name text primary key, value int not null);
  grant usage on schema shop to statehouse_sql_tasks;
  grant select, insert, update on all tables in schema shop to statehouse_sql_tasks`;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await administer(database.url, SHOP);
});
afterAll(() => database.drop());

/** With nothing in it. */
async function createShop(handlers: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld(handlers, { ...database, drop: async () => {} });
  await world.sql('delete from shop.orders; delete from shop.effects');
  return world;
}

/** A Task that runs a statement. */
function execute(statement: string, parameters: object = {}, more: object = {}): object {
  return {
    Type: 'Task',
    Resource: EXECUTE,
    Parameters: { Statement: statement, ...parameters },
    End: true,
    ...more,
  };
}

function alone(task: object): object {
  return { StartAt: 'Charge', States: { Charge: task } };
}

const CHARGE = alone(execute(INSERT, { 'Parameters.$': 'States.Array($.id, $.amount)' }));

const WAITING_FOR_LOCKS = `select from pg_stat_activity
  where wait_event_type = 'Lock' and application_name = 'statehouse sql task' and datname = current_database()`;

const ordersIn = (world: World) => world.sql('select * from shop.orders order by id');

/** Takes a lock that statements can wait for. Resolves with how to give it back. */
async function lockSeven(world: World): Promise<() => Promise<void>> {
  await world.sql(`insert into shop.orders values ('locked', 1)`);
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  await client.query('select pg_advisory_lock(7)');
  return () => client.end();
}

async function untilOneWaits(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.sql(WAITING_FOR_LOCKS)).toHaveLength(1), {
    timeout: 20_000,
  });
}

async function untilNoneWaits(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.sql(WAITING_FOR_LOCKS)).toEqual([]), { timeout: 20_000 });
}

describe('a statement', () => {
  test('has its effect, and its rows are the result', async () => {
    const world = await createShop();
    await world.worker();
    const executionId = await world.start(CHARGE, { id: 'a', amount: 12 });
    expect(await world.ended(executionId)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"RowCount":1,"Rows":[{"id":"a","amount":12}]}',
    });
    expect(await ordersIn(world)).toEqual([{ id: 'a', amount: 12 }]);
    expect(typesOf(await world.journal(executionId))).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted'],
      ...['TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'],
    ]);
  });

  test('fails with its SQLSTATE, which Retry and Catch can match', async () => {
    const world = await createShop();
    await world.worker();
    const executionId = await world.start(
      {
        StartAt: 'Charge',
        States: {
          Charge: execute(
            `${INSERT.replace('$2', '0')}`,
            { 'Parameters.$': 'States.Array($.id)' },
            {
              Retry: [{ ErrorEquals: ['Postgres.23514'], IntervalSeconds: 1, MaxAttempts: 1 }],
              Catch: [{ ErrorEquals: ['Postgres.23514'], Next: 'Refused' }],
            },
          ),
          Refused: { Type: 'Pass', End: true },
        },
      },
      { id: 'a' },
    );
    const { output } = await world.ended(executionId);
    expect(JSON.parse(output ?? '')).toEqual({
      Error: 'Postgres.23514',
      Cause:
        'new row for relation "orders" violates check constraint "orders_amount_check"\nFailing row contains (a, 0).',
    });
    expect(typesOf(await world.journal(executionId)).filter((type) => type === 'TaskFailed')).toHaveLength(2);
  });

  test.each([
    ['larger than may be', `insert into shop.orders values ('a', 1) returning repeat('x', 300000) as text`],
    [
      'of more rows than may be',
      `insert into shop.orders select n, 1 from generate_series(1, 1001) n returning 1 as n`,
    ],
  ])('with a result %s has no effect', async (_how, statement) => {
    const world = await createShop();
    await world.worker();
    const executionId = await world.start(alone(execute(statement)));
    expect(await world.ended(executionId)).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause: expect.stringMatching(/^The state\/task 'postgres' returned a result with /),
    });
    expect(await ordersIn(world)).toEqual([]);
  });

  test('that only reads sees what is there', async () => {
    const world = await createShop();
    await world.worker();
    await world.sql(`insert into shop.orders values ('a', 1)`);
    const executionId = await world.start(alone(execute('table shop.orders', { ReadOnly: true })));
    expect((await world.ended(executionId)).output).toBe('{"RowCount":1,"Rows":[{"id":"a","amount":1}]}');
  });

  test('that is none is refused', async () => {
    const world = await createShop();
    await world.worker();
    const executionId = await world.start(
      alone(execute('', { 'Statement.$': '$.sql', Statement: undefined })),
      { sql: 'commit' },
    );
    expect(await world.ended(executionId)).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(
        `The value of the field 'Statement' must begin with one of CALL, DELETE`,
      ),
    });
  });
});

describe('a statement that takes long is given up', () => {
  const WAITING = execute(
    `update shop.orders set amount = 2 where id = 'locked' and pg_advisory_xact_lock(7) is not null`,
  );

  test('when its time is up', async () => {
    const world = await createShop();
    await world.worker();
    const unlock = await lockSeven(world);
    const executionId = await world.start(alone({ ...WAITING, TimeoutSeconds: 1 }));
    expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    await untilNoneWaits(world);
    await unlock();
    expect(await ordersIn(world)).toEqual([{ id: 'locked', amount: 1 }]);
  });

  test('when the execution is stopped, which waits for nothing', async () => {
    const world = await createShop();
    await world.worker();
    const unlock = await lockSeven(world);
    const executionId = await world.start(alone(WAITING));
    await untilOneWaits(world);
    expect(await world.store.executions.stop(executionId, STOPPED)).toBeDefined();
    await untilNoneWaits(world);
    await unlock();
    expect(await ordersIn(world)).toEqual([{ id: 'locked', amount: 1 }]);
  });

  test('when another branch fails', async () => {
    const failing = Promise.withResolvers<void>();
    const world = await createShop({
      Break: async () => {
        await failing.promise;
        return fail('Broken');
      },
    });
    await world.worker();
    const unlock = await lockSeven(world);
    const broken = { Type: 'Task', Resource: functionArn('Break'), End: true };
    const executionId = await world.start({
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [alone(WAITING), { StartAt: 'Break', States: { Break: broken } }],
          End: true,
        },
      },
    });
    await untilOneWaits(world);
    failing.resolve();
    expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'Broken' });
    await untilNoneWaits(world);
    await unlock();
    expect(await ordersIn(world)).toEqual([{ id: 'locked', amount: 1 }]);
  });
});

/** As the integration, but for what its effects do. */
function withEffects(
  store: Store,
  alter: (commit: () => Promise<'won' | 'lost'>) => Promise<'won' | 'lost'>,
): { find: () => RepeatableIntegration } {
  const postgres = new PostgresIntegration({ store: () => store, ceilings: PORTABLE_LIMITS });
  const altered: RepeatableIntegration = {
    ...{ name: postgres.name, recovery: postgres.recovery, lost: () => postgres.lost() },
    serves: (resource) => postgres.serves(resource),
    invoke: (task) => postgres.invoke(task),
    close: () => postgres.close(),
    attempt: async (task, owner) => {
      const result = await postgres.attempt(task, owner);
      if (!('effect' in result)) return result;
      const { effect } = result;
      const commitWith: typeof effect.commitWith = (append) => alter(() => effect.commitWith(append));
      return { ...result, effect: { commitWith, rollback: () => effect.rollback() } };
    },
  };
  return { find: () => altered };
}

describe('an owner that loses the execution between the statement and its COMMIT', () => {
  test('has done nothing: the next owner makes the attempt again, and what comes late has no effect', async () => {
    const world = await createShop();
    const ran = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    const outcomes: ('won' | 'lost')[] = [];
    await world.worker({
      integrations: withEffects(world.store, async (commit) => {
        ran.resolve();
        await late.promise;
        const outcome = await commit();
        outcomes.push(outcome);
        return outcome;
      }),
    });
    const executionId = await world.start(CHARGE, { id: 'a', amount: 12 });
    await ran.promise;
    await world.sql(
      `update statehouse.executions set owner = null, owner_epoch = owner_epoch + 1, wake_at = statehouse.now()
       where id = $1`,
      [executionId],
    );
    // The next owner waits for the row that the first one has inserted.
    await untilOneWaits(world);
    late.resolve();
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(outcomes).toEqual(['lost', 'won']);
    expect(await ordersIn(world)).toEqual([{ id: 'a', amount: 12 }]);
    const scheduled = typesOf(await world.journal(executionId)).filter((type) => type === 'TaskScheduled');
    expect(scheduled).toHaveLength(1);
  });

  test('because it is being stopped, too', async () => {
    const world = await createShop();
    const unlock = await lockSeven(world);
    const first = await world.worker();
    const executionId = await world.start(
      alone(
        execute('insert into shop.effects (by) select $1 where pg_advisory_xact_lock(7) is not null', {
          Parameters: ['a'],
        }),
      ),
    );
    await untilOneWaits(world);
    await first.stop();
    expect(await world.record(executionId)).toMatchObject({ status: 'RUNNING' });
    await unlock();
    await world.worker();
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await world.sql('select by from shop.effects')).toEqual([{ by: 'a' }]);
  });
});

test('a statement can say that an execution was stopped, and nobody believes it', async () => {
  const called = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createShop({
    Slow: () => {
      called.resolve();
      return answer.promise;
    },
  });
  await world.worker();
  const slow = await world.start(alone({ Type: 'Task', Resource: functionArn('Slow'), End: true }));
  await called.promise;
  const lie = `select pg_notify('statehouse_news', 'stopped ' || $1 || ' 99')::text as said`;
  const [{ owner } = { owner: '' }] = await world.sql<{ owner: string }>(
    'select owner from statehouse.executions where id = $1',
    [slow],
  );
  const liar = await world.start(alone(execute(lie, { Parameters: [`${owner} ${slow}`] })));
  expect(await world.ended(liar)).toMatchObject({ status: 'SUCCEEDED' });
  answer.resolve(succeed(1));
  expect(await world.ended(slow)).toMatchObject({ status: 'SUCCEEDED' });
});

test('whatever breaks, there is one effect for each attempt that has succeeded', async () => {
  const world = await createShop();
  await world.sql(`insert into shop.counters values ('a', 0), ('b', 0)`);
  const workers = { workerTimeoutSeconds: 3, tuning: { hotMs: 100 } };
  await world.worker(workers);
  await world.worker(workers);
  const count = (name: string, next: object) =>
    execute(
      `with effect as (insert into shop.effects (by) values ($1)) update shop.counters set value = value + 1 where name = '${name}'`,
      { 'Parameters.$': 'States.Array($$.Execution.Id)' },
      {
        ...next,
        Retry: [{ ErrorEquals: ['Postgres.40P01'], IntervalSeconds: 1, MaxAttempts: 10, BackoffRate: 1 }],
      },
    );
  const steps = {
    StartAt: 'First',
    States: { First: count('a', { End: undefined, Next: 'Second' }), Second: count('b', {}) },
  };
  const definition = {
    StartAt: 'Both',
    States: { Both: { Type: 'Parallel', Branches: [steps, alone(count('b', {}))], End: true } },
  };
  const ids = await Promise.all(Array.from({ length: 12 }, () => world.start(definition)));
  // Not through the store, whose connections break, too.
  const running = () => world.sql(`select from statehouse.executions where status = 'RUNNING'`);
  while ((await running()).length > 0)
    await world.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
       and application_name in ('statehouse sql task', 'statehouse') and random() < 0.05`,
    );
  const ends = await world.sql('select distinct status from statehouse.executions where id = any ($1)', [
    ids,
  ]);
  expect(ends).toEqual([{ status: 'SUCCEEDED' }]);
  const effects = await world.sql<{ count: number }>(
    'select count(*)::int from shop.effects group by by order by 1',
  );
  expect(effects).toEqual(ids.map(() => ({ count: 3 })));
  expect(await world.sql('select * from shop.counters order by name')).toEqual([
    { name: 'a', value: 12 },
    { name: 'b', value: 24 },
  ]);
});
