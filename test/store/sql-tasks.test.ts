/** SQL of definitions, run by the restricted role and committed by an append. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { isRetryable } from '../../store/retryable-errors.ts';
import type { SqlTask, SqlTaskOutcome, SqlTaskStore, UncommittedEffect } from '../../store/sql-task.ts';
import { sqlTasksUrl } from '../support/sql-task-role.ts';
import { appendTo, stopWith, useStore } from './fixture.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

const fixture = useStore();
let proxy: TcpProxy;
/** On one connection: each statement finds what the one before has left. */
let sqlTasks: SqlTaskStore;

beforeAll(async () => {
  proxy = await tcpProxy(sqlTasksUrl(fixture().url));
  sqlTasks = await open(proxy.url);
  for (const sql of [
    'create schema shop',
    'create table shop.orders (id text primary key, amount int)',
    'create table shop.customers (id text primary key)',
    `create table shop.visits (customer text references shop.customers deferrable initially deferred)`,
    // Puts off what it finds wrong until COMMIT, however often it is asked to be done.
    `create table shop.stubborn (id text)`,
    `create function shop.put_off() returns trigger language plpgsql as $$ begin
       set constraints all deferred;
       insert into shop.visits values ('nobody');
       return null;
     end $$`,
    `create constraint trigger put_off after insert on shop.stubborn
       deferrable initially deferred for each row execute function shop.put_off()`,
    `create function shop.fails(code text) returns void language plpgsql
       as $$ begin raise 'failed' using errcode = code; end $$`,
    `create function shop.holds() returns void language plpgsql
       as $$ begin execute 'declare held cursor with hold for select 1'; end $$`,
    `create procedure shop.commits() language plpgsql as $$ begin commit; end $$`,
    'grant usage on schema shop to statehouse_sql_tasks',
    'grant select, insert, update on all tables in schema shop to statehouse_sql_tasks',
  ])
    await fixture().query(sql);
});
afterAll(() => proxy.close());
beforeEach(async () => {
  await fixture().query('truncate shop.orders, shop.visits, shop.stubborn');
});

async function open(url: string): Promise<SqlTaskStore> {
  const store = await fixture().another({ sqlTasks: { url, poolSize: 1 } });
  if (store.sqlTasks === undefined) throw new Error('no SQL tasks');
  return store.sqlTasks;
}

function run(statement: string, task: Partial<SqlTask> = {}): Promise<SqlTaskOutcome> {
  return sqlTasks.run({
    attempt: 'attempt',
    statement,
    parameters: [],
    isReadOnly: false,
    owner: undefined,
    maxResultBytes: 1_000_000,
    signal: new AbortController().signal,
    ...task,
  });
}

/** Runs a statement that has an effect, for an execution in a worker's hands. */
async function owned(statement: string, task: Partial<SqlTask> = {}) {
  const { claim, executionId } = await fixture().owned();
  const outcome = await run(statement, { owner: claim, ...task });
  return { claim, executionId, effect: effectOf(outcome) };
}

function effectOf(outcome: SqlTaskOutcome): UncommittedEffect {
  if (outcome.kind !== 'succeeded' || outcome.effect === undefined) throw new Error(JSON.stringify(outcome));
  return outcome.effect;
}

const ORDER = `insert into shop.orders values ('a', 1)`;

async function orders(): Promise<number> {
  return (await fixture().query('select from shop.orders')).length;
}

/** Sessions of SQL tasks that are in a transaction. */
async function busySessions(): Promise<number[]> {
  const rows = await fixture().query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database()
     and application_name = 'statehouse sql task' and state <> 'idle'`,
  );
  return rows.map(({ pid }) => pid);
}

describe('an effect', () => {
  test('is there when the append is, and not before', async () => {
    const { claim, executionId, effect } = await owned(ORDER);
    expect(await orders()).toBe(0);
    expect(await effect.commitWith(appendTo(claim))).toBe('won');
    expect(await orders()).toBe(1);
    expect(await fixture().journal(executionId)).toEqual([1, 2]);
    await effect.rollback();
    expect(await orders()).toBe(1);
  });

  test('is rolled back, and leaves no transaction behind', async () => {
    const { effect } = await owned(ORDER);
    await effect.rollback();
    await vi.waitFor(async () => expect(await busySessions()).toEqual([]));
    expect(await orders()).toBe(0);
  });

  test('is not there if the append is lost: the execution has another owner', async () => {
    const { claim, executionId, effect } = await owned(ORDER);
    await fixture().query('update statehouse.executions set owner_epoch = owner_epoch + 1 where id = $1', [
      executionId,
    ]);
    expect(await effect.commitWith(appendTo(claim))).toBe('lost');
    expect(await orders()).toBe(0);
    expect(await fixture().journal(executionId)).toEqual([1]);
  });

  test('is not there if the execution was stopped meanwhile: that waits for no statement', async () => {
    const { claim, executionId, effect } = await owned(ORDER);
    expect(await fixture().store.executions.stop(executionId, stopWith())).toBeDefined();
    expect(await effect.commitWith(appendTo(claim))).toBe('lost');
    expect(await orders()).toBe(0);
  });

  test('of an owner that is none any more is not even tried', async () => {
    const { claim, executionId } = await fixture().owned();
    await fixture().query('update statehouse.executions set owner_epoch = owner_epoch + 1 where id = $1', [
      executionId,
    ]);
    expect(await run('select nextval($1)', { owner: claim })).toEqual({ kind: 'notOwner' });
  });

  test('commits with its own execution only', async () => {
    const { effect } = await owned(ORDER);
    const other = await fixture().owned();
    await expect(effect.commitWith(appendTo(other.claim))).rejects.toThrow('of its own execution');
    await effect.rollback();
  });

  test('COMMIT is not answered: what has become of it is found out', async () => {
    const { claim, effect } = await owned(ORDER);
    const broken = proxy.swallowAnswerTo('commit');
    const outcome = effect.commitWith(appendTo(claim));
    await broken;
    expect(await outcome).toBe('won');
    expect(await orders()).toBe(1);
  });

  test('the connection is lost before COMMIT: there is neither effect nor row', async () => {
    const { claim, executionId, effect } = await owned(ORDER);
    const broken = proxy.swallowAnswerTo('append_sql_task');
    const outcome = effect.commitWith(appendTo(claim)).catch((error: unknown) => error);
    await broken;
    expect(isRetryable(await outcome)).toBe(true);
    expect(await orders()).toBe(0);
    expect(await fixture().journal(executionId)).toEqual([1]);
    expect(await fixture().store.leases.append(appendTo(claim))).toBe('won');
  });
});

describe('what fails', () => {
  test.each([
    ['a constraint', `insert into shop.orders values ('a', 1), ('a', 2)`, '23505'],
    ['a deferred constraint, which COMMIT would meet', `insert into shop.visits values ('nobody')`, '23503'],
    ['a cast', `select 'x'::int`, '22P02'],
    ['a name that two columns have', 'select 1 as id, 2 as id', '42701'],
    ['a parameter that is missing', 'select $1', '08P01'],
    ['a serialization failure, which Retry may match', `select shop.fails('40001')`, '40001'],
    ['a deadlock, which it may match, too', `select shop.fails('40P01')`, '40P01'],
    ['what only looks like the end of the connection', `select shop.fails('57P01')`, '57P01'],
    ['a transaction made read-only', `select set_config('transaction_read_only', 'on', true)`, '25006'],
    ['a text that Postgres cannot hold', 'select $1::text', '22021', false, ['\0']],
    ['a change where there must be none', ORDER, '25006', true],
  ])('%s', async (_what, statement, sqlState, isReadOnly = false, parameters: string[] = []) => {
    const { claim } = await fixture().owned();
    const outcome = await run(statement, { owner: claim, isReadOnly, parameters });
    expect(outcome).toMatchObject({ kind: 'failed', sqlState });
    await vi.waitFor(async () => expect(await busySessions()).toEqual([]));
  });

  test('the message says what Postgres says', async () => {
    expect(await run(`insert into shop.orders values ('a', 1), ('a', 2)`)).toEqual({
      kind: 'failed',
      sqlState: '23505',
      message: 'duplicate key value violates unique constraint "orders_pkey"\nKey (id)=(a) already exists.',
    });
  });

  test('COMMIT itself: the attempt fails when it is made again', async () => {
    const { claim, executionId, effect } = await owned(`insert into shop.stubborn values ('a')`);
    expect(await effect.commitWith(appendTo(claim))).toBe('lost');
    expect(await fixture().journal(executionId)).toEqual([1]);
    const again = await run(`insert into shop.stubborn values ('a')`, { owner: claim });
    expect(again).toMatchObject({ kind: 'failed', sqlState: '23503' });
  });

  test('more rows than may be', async () => {
    expect(await run('select generate_series(1, 1000)')).toMatchObject({ kind: 'succeeded', rowCount: 1000 });
    expect(await run('select generate_series(1, 1001)')).toEqual({ kind: 'tooManyRows' });
  });

  test('more bytes than may be', async () => {
    expect(await run(`select repeat('x', 30000000)`)).toEqual({ kind: 'tooManyBytes' });
  });

  test('a statement that loses its connection each time', async () => {
    expect(await run('select pg_terminate_backend(pg_backend_pid())')).toMatchObject({
      kind: 'failed',
      sqlState: '08006',
    });
  });

  test('a statement that is given up is ended in the server', async () => {
    await fixture().query(ORDER);
    const blocker = await fixture().session();
    await blocker.query('begin');
    await blocker.query('select from shop.orders for update');
    const controller = new AbortController();
    const waiting = run('update shop.orders set amount = 2', { signal: controller.signal });
    await fixture().untilBlockedBy(blocker);
    controller.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    await vi.waitFor(async () => expect(await busySessions()).toEqual([]));
    await blocker.query('rollback');
    blocker.release();
  });
});

describe('a session', () => {
  test('sees nothing that the one before has left', async () => {
    const { claim, effect } = await owned(
      `select set_config('statement_timeout', '1', false) as a, set_config('search_path', 'shop', false) as b,
         set_config('TimeZone', 'Asia/Tokyo', false) as c, pg_advisory_lock(42)::text as d into temp left_behind`,
    );
    expect(await effect.commitWith(appendTo(claim))).toBe('won');
    const outcome = await run(
      `select current_setting('statement_timeout') as timeout, current_setting('search_path') as path,
         to_regclass('pg_temp.left_behind') as temp, (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory') as locks,
         '2026-01-01 12:00+00'::timestamptz as time`,
    );
    expect(outcome.kind === 'succeeded' && JSON.parse(outcome.rows)).toEqual([
      { timeout: '1min', path: '"$user", public', temp: null, locks: 0, time: '2026-01-01T12:00:00Z' },
    ]);
  });

  test('keeps no cursor open beyond COMMIT', async () => {
    const { claim, effect } = await owned('select shop.holds()');
    expect(await effect.commitWith(appendTo(claim))).toBe('won');
    expect(await run('select name from pg_cursors where is_holdable')).toMatchObject({ rows: '[]' });
  });

  test('cannot make its own append fail by settings', async () => {
    const { claim, effect } = await owned(
      `select set_config('statement_timeout', '1ms', false) as a, set_config('search_path', 'nowhere', false) as b,
         set_config('statehouse.now', '1999-01-01', false) as c`,
    );
    expect(await effect.commitWith(appendTo(claim))).toBe('won');
  });
});

/** All arguments of statehouse.append_sql_task() but the proof: a row that would end execution 1. */
const FORGED = `array[1]::bigint[], array[1], array[2], array[1]::bigint[], array[2], array[3], '[]', 'FAILED',
  array[0]::float8[], ${[...Array(27)].fill('null').join()}`;

describe('there is no way out', () => {
  test.each([
    ['two statements', 'select 1; select 2', '42601'],
    ['a COMMIT behind another statement', `${ORDER}; commit`, '42601'],
    ['a COMMIT in a procedure', 'call shop.commits()', '2D000'],
    ['the role of Statehouse', `select set_config('role', 'statehouse', true)`, '42501'],
    [
      'the role of Statehouse as session',
      `select set_config('session_authorization', 'statehouse', true)`,
      '42501',
    ],
    ['journals', 'select * from statehouse.journal', '42501'],
    ['leases', 'update statehouse.executions set owner_epoch = 0', '42501'],
    ['the secret that proofs are made with', 'select value from statehouse.secrets', '42501'],
    ['a proof', `select statehouse.sql_task_proof('append', 1, 1, 2)`, '42501'],
    ['jobs', `select graphile_worker.add_job('advance')`, '42501'],
    ['files', `select pg_read_file('postgresql.conf')`, '42501'],
    ['folders', `select pg_ls_dir('.')`, '42501'],
    ['programs', `copy shop.orders from program 'echo'`, '42501'],
    ['an append without proof', `select statehouse.append_sql_task('guess', ${FORGED})`, '42501'],
    ['an append without any', `select statehouse.append_sql_task(null, ${FORGED})`, '42501'],
    ['the ordinary append', `select statehouse.append(${FORGED})`, '42501'],
    ['whose execution it is', `select statehouse.open_sql_task('guess', 1, 1)`, '42501'],
    ['rights for others', `select statehouse.allow_sql_tasks('pg_monitor')`, '42501'],
  ])('to %s', async (_where, statement, sqlState) => {
    expect(await run(statement)).toMatchObject({ kind: 'failed', sqlState });
  });

  test('after the role was taken off: there is no other one', async () => {
    const outcome = await run(
      `select set_config('role', 'none', true), current_user::text as name, session_user::text as session`,
    );
    expect(outcome.kind === 'succeeded' && JSON.parse(outcome.rows)).toMatchObject([
      { name: 'statehouse_sql_tasks', session: 'statehouse_sql_tasks' },
    ]);
    const { claim, effect } = await owned(`select set_config('role', 'none', true)`);
    expect(await effect.commitWith(appendTo(claim))).toBe('won');
  });

  test.each([
    'commit',
    'rollback',
    'commit and chain',
    'savepoint a',
    'listen statehouse_news',
    'set role none',
  ])('through %s: it is noticed, should it come so far', async (statement) => {
    await expect(run(statement)).rejects.toThrow();
  });
});

describe('the role', () => {
  test('that is allowed to is found in order', async () => {
    expect(await sqlTasks.check()).toBeUndefined();
  });

  test('of Statehouse itself is refused', async () => {
    const own = await open(fixture().url);
    expect(await own.check()).toMatch(/has, or can take, the rights of .*need a role of their own/);
    await expect(fixture().query('select statehouse.allow_sql_tasks(session_user)')).rejects.toThrow(
      'this role must not run SQL of definitions',
    );
  });

  test('that may read a table is refused', async () => {
    await fixture().query('grant select (name) on statehouse.executions to statehouse_sql_tasks');
    expect(await sqlTasks.check()).toMatch('may read or change statehouse.executions');
    await fixture().query('revoke select (name) on statehouse.executions from statehouse_sql_tasks');
  });

  test('that cannot log in is told', async () => {
    const url = new URL(sqlTasksUrl(fixture().url));
    url.username = 'nobody_at_all';
    expect(await (await open(url.href)).check()).toMatch(/nobody_at_all|authentication/);
  });
});

test('values are written as JSON', async () => {
  const outcome = await run(`select 1::int2 as int2, -5::int4 as int4, 9007199254740991::int8 as safe,
    9007199254740993::int8 as unsafe, 12.50::numeric as price, 0.1234567890123456789::numeric as precise,
    'NaN'::numeric as no_number, 1.5::float8 as float8, 'Infinity'::float4 as endless, true as flag, null::int as none,
    '2026-01-15 12:30:00.5+02'::timestamptz as at, '2026-01-15 12:30'::timestamp as local, date '2026-01-15' as day,
    time '12:30' as clock, interval '1 day 2 hours' as span, 'infinity'::timestamptz as never,
    '{"a": [1, 1.0]}'::json as doc, '{"a": 1}'::jsonb as docb, '\\x00ff'::bytea as bytes,
    'a"b'::text as text, '6f1f0a1e-8b1c-4d1e-9b7a-111111111111'::uuid as id, point(1, 2) as other,
    array[1, null, 3] as numbers, array['a,b', 'c"d', 'NULL', ''] as texts, array[[1, 2], [3, 4]] as matrix,
    '{}'::int[] as empty, '[0:1]={1,2}'::int[] as bounded, array['{"a":1}'::jsonb] as docs`);
  expect(outcome.kind === 'succeeded' && outcome.rows).toBe(
    `[{"int2":1,"int4":-5,"safe":9007199254740991,"unsafe":"9007199254740993","price":12.50,` +
      `"precise":"0.1234567890123456789","no_number":"NaN","float8":1.5,"endless":"Infinity","flag":true,"none":null,` +
      `"at":"2026-01-15T10:30:00.5Z","local":"2026-01-15T12:30:00","day":"2026-01-15","clock":"12:30:00",` +
      `"span":"P1DT2H","never":"infinity","doc":{"a":[1,1.0]},"docb":{"a":1},"bytes":"AP8=",` +
      `"text":"a\\"b","id":"6f1f0a1e-8b1c-4d1e-9b7a-111111111111","other":"(1,2)","numbers":[1,null,3],` +
      `"texts":["a,b","c\\"d","NULL",""],"matrix":[[1,2],[3,4]],"empty":[],"bounded":[1,2],"docs":[{"a":1}]}]`,
  );
});

test('parameters are read by Postgres, whatever the session makes of them', async () => {
  const statement = 'select $1::int + 1 as number, $2::jsonb as doc, $3::text is null as none';
  expect(await run(statement, { parameters: ['41', '{"a":1}', null] })).toMatchObject({
    rows: '[{"number":42,"doc":{"a":1},"none":true}]',
  });
});
