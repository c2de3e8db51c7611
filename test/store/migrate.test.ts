import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../store/migrate.ts';
import { schemaProblem } from '../../store/schema-version.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { NEXT_MIGRATION, newerMigrations } from '../support/newer-migrations.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { dumpSchema } from './schema-dump.ts';

let database: TestDatabase;
let pool: pg.Pool;

async function open(from: 'migrated' | 'blank'): Promise<void> {
  database = await createTestDatabase(from);
  pool = new pg.Pool({ connectionString: database.url });
  pool.on('error', () => {}); // dropping the database ends connections that are on their way out
}
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
  beforeEach(() => open('blank'));

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

describe('once migrated', () => {
  beforeEach(() => open('migrated'));

  test('is not done while graphile-worker has migrations to make', async () => {
    await pool.query(
      'delete from graphile_worker.migrations where id = (select max(id) from graphile_worker.migrations)',
    );
    expect(await schemaProblem(pool)).toMatch(/of graphile-worker, .*: run "statehouse migrate"\.$/);
  });

  test('finds nothing to do in a database that a newer program has migrated, and works with it', async () => {
    await migrate(database.url, { migrations: newerMigrations('create table statehouse.news (id int)') });
    await pool.query(
      'insert into graphile_worker.migrations (id) select max(id) + 1 from graphile_worker.migrations',
    );
    const before = await applied();
    expect(before.ours.at(-1)).toBe(NEXT_MIGRATION);
    expect(await schemaProblem(pool)).toBeUndefined();
    await migrate(database.url);
    expect(await applied()).toEqual(before);
  });

  test.each([
    [
      'of ours',
      () =>
        migrate(database.url, {
          migrations: newerMigrations(
            'create table statehouse.news (id int)',
            `-- What it was for.\n-- Needs programs that know migration ${NEXT_MIGRATION}.\ndrop table statehouse.snapshots`,
          ),
        }),
    ],
    [
      'of graphile-worker',
      () =>
        pool.query(
          'insert into graphile_worker.migrations (id, breaking) select max(id) + 1, true from graphile_worker.migrations',
        ),
    ],
  ])('refuses a database whose newer schema %s has taken something away', async (_whose, upgrade) => {
    await upgrade();
    const before = await applied();
    const message =
      /this one knows \d+: a newer Statehouse has migrated it\. Run that version or a later one/;
    expect(await schemaProblem(pool)).toMatch(message);
    await expect(migrate(database.url)).rejects.toThrow(message);
    expect(await applied()).toEqual(before);
  });

  test('lets others through while a long transaction holds a table that it needs', async () => {
    const backup = await pool.connect();
    await backup.query('begin; lock table statehouse.executions in access share mode');
    const pauses: number[] = [];
    const clock: Clock = {
      monotonic: () => 0,
      after: (delayMs, run) => {
        pauses.push(delayMs);
        void whileItPauses().then(run);
        return () => {};
      },
    };
    async function whileItPauses(): Promise<void> {
      await pool.query('begin; lock table statehouse.executions in row exclusive mode nowait; rollback');
      await backup.query('rollback');
    }
    const migrations = newerMigrations('alter table statehouse.executions add column news int');
    await migrate(database.url, { migrations, clock });
    backup.release();
    expect(pauses).toEqual([10_000]);
    expect((await applied()).ours.at(-1)).toBe(NEXT_MIGRATION);
  });
});

test('migrations/schema.sql is what the migrations make (npm run schema writes it)', async () => {
  await open('migrated');
  const client = await pool.connect();
  const dump = await dumpSchema(client, 'statehouse').finally(() => client.release(true));
  await expect(
    `-- What the migrations make. Written by npm run schema, never by hand; a test compares.\n\n${dump}`,
  ).toMatchFileSnapshot('../../migrations/schema.sql');
});
