import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { prepareCalls } from '../../store/prepared-calls.ts';
import { useStore } from './fixture.ts';

const fixture = useStore();

async function connected(): Promise<pg.PoolClient> {
  const pool = new pg.Pool({ connectionString: fixture().url, max: 1 });
  onTestFinished(() => pool.end());
  const client = await pool.connect();
  onTestFinished(() => client.release());
  prepareCalls(client);
  return client;
}

const preparedIn = async (client: pg.PoolClient): Promise<string[]> => {
  const { rows } = await client.query<{ statement: string }>('select statement from pg_prepared_statements');
  return rows.map(({ statement }) => statement);
};

test('calls of functions are prepared once, other statements never', async () => {
  const client = await connected();
  const call = 'select * from statehouse.start_record($1, $2, $3, $4)';
  for (let n = 0; n < 3; n++) await client.query(call, ['place', 'name', null, null]);
  await client.query('select id from statehouse.executions where id = $1', [1]);
  await client.query('select statehouse.now()');
  expect(await preparedIn(client)).toEqual([call]);
});

test('a function that has other columns since is called all the same', async () => {
  const client = await connected();
  const call = 'select * from statehouse.changing($1)';
  await client.query('create function statehouse.changing(a int, out b int) language sql as $$ select a $$');
  expect((await client.query(call, [1])).rows).toEqual([{ b: 1 }]);
  await fixture().query('drop function statehouse.changing');
  await fixture().query(
    'create function statehouse.changing(a int, out b int, out c int) language sql as $$ select a, a $$',
  );
  for (let n = 2; n < 4; n++) expect((await client.query(call, [n])).rows).toEqual([{ b: n, c: n }]);
});
