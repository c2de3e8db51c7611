import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate, schemaProblem } from '../../store/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { dumpSchema } from './schema-dump.ts';

let database: TestDatabase;
let pool: pg.Pool;

beforeEach(async () => {
  database = await createTestDatabase('blank');
  pool = new pg.Pool({ connectionString: database.url });
  pool.on('error', () => {}); // dropping the database ends connections that are on their way out
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

/** Of ours and of graphile-worker's. */
async function applied(): Promise<{ ours: number[]; graphile: number[] }> {
  const ours = await pool.query<{ number: number }>(
    'select number from statehouse.migrations order by number',
  );
  const graphile = await pool.query<{ id: number }>('select id from graphile_worker.migrations order by id');
  return { ours: ours.rows.map((row) => row.number), graphile: graphile.rows.map((row) => row.id) };
}

describe('migrate', () => {
  test('brings an empty database up to this program', async () => {
    expect(await schemaProblem(pool)).toMatch(
      /^The database is at migration 0, .*: run "statehouse migrate"\.$/,
    );
    await migrate(database.url);
    expect(await schemaProblem(pool)).toBeUndefined();
  });

  test('started ten times at once, makes each migration once, and all ten find it done', async () => {
    const problems = await Promise.all(
      Array.from({ length: 10 }, async () => {
        await migrate(database.url);
        return schemaProblem(pool);
      }),
    );
    expect(problems).toEqual(Array(10).fill(undefined));
    const { ours, graphile } = await applied();
    expect(ours).toEqual(ours.map((_, index) => index + 1));
    expect(graphile).toEqual(graphile.map((_, index) => index + 1));
  });

  test('is not done while graphile-worker has migrations to make', async () => {
    await migrate(database.url);
    await pool.query(
      'delete from graphile_worker.migrations where id = (select max(id) from graphile_worker.migrations)',
    );
    expect(await schemaProblem(pool)).toMatch(/of graphile-worker, .*: run "statehouse migrate"\.$/);
  });

  test.each([
    [
      'of ours',
      `insert into statehouse.migrations (number, name) select max(number) + 1, '' from statehouse.migrations`,
    ],
    [
      'of graphile-worker, though it may call itself compatible',
      'insert into graphile_worker.migrations (id) select max(id) + 1 from graphile_worker.migrations',
    ],
  ])('refuses a database with a newer schema %s', async (_whose, sql) => {
    await migrate(database.url);
    await pool.query(sql);
    const before = await applied();
    const message = /a newer Statehouse has migrated it\. Run that version or a later one/;
    expect(await schemaProblem(pool)).toMatch(message);
    await expect(migrate(database.url)).rejects.toThrow(message);
    expect(await applied()).toEqual(before);
  });

  test('leaves nothing of a migration that fails', async () => {
    // The first migration's table is there already: somebody else's.
    await pool.query('create schema statehouse; create table statehouse.workers (id int)');
    await expect(migrate(database.url)).rejects.toThrow(/^Migration 0001_\w+ failed: .*workers/);
    expect((await applied()).ours).toEqual([]);
    const { rows } = await pool.query(`select to_regclass('statehouse.executions') as left_behind`);
    expect(rows).toEqual([{ left_behind: null }]);

    await pool.query('drop table statehouse.workers');
    await migrate(database.url);
    expect(await schemaProblem(pool)).toBeUndefined();
  });
});

test('migrations/schema.sql is what the migrations make (npm run schema writes it)', async () => {
  await migrate(database.url);
  const client = await pool.connect();
  const dump = await dumpSchema(client, 'statehouse').finally(() => client.release(true));
  await expect(
    `-- What the migrations make. Written by npm run schema, never by hand; a test compares.\n\n${dump}`,
  ).toMatchFileSnapshot('../../migrations/schema.sql');
});
