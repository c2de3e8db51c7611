/**
 * Migrations run while an installation of the version before works. What that calls must be there afterwards, and what a hot table
 * is locked for must not last as long as the table is large. Postgres itself tells both, of tables with some thousand rows.
 */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../store/migrate.ts';
import { type Migration, readMigrations } from '../../store/migrations.ts';
import { newerMigrations } from '../support/newer-migrations.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { FILL_TABLES } from './filled-tables.ts';

/** The newest migration that the rules do not hold for: nobody had an installation to upgrade when it was written. */
const BEFORE_RULES = 24;

/** Tables that grow with what is run. */
const HOT = [
  'activity_tasks',
  'child_executions',
  'execution_names',
  'execution_slots',
  'executions',
  'express_executions',
  'journal',
  'mailbox',
  'snapshots',
  'task_tokens',
];

/** More than a migration of a table with thousands of rows can touch without touching all. */
const ROWS_MAX = 100;

/** What this transaction has read and written of each hot table, and the file that has its rows. */
const WORK = `
  select relname as table, pg_relation_filenode(relid) as file,
    seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del as rows
  from pg_stat_xact_user_tables where schemaname = 'statehouse' and relname = any ($1)`;

/** What programs can use: columns, functions, and what functions answer. */
const OFFERED = `
  select format('column %s.%s %s', relname, attname, format_type(atttypid, atttypmod)) as what
  from pg_class join pg_attribute on attrelid = pg_class.oid
  where relnamespace = 'statehouse'::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
  union all
  select format('function %s: %s', p.oid::regprocedure, coalesce(answer.name, format_type(p.prorettype, null)))
  from pg_proc p left join lateral (
    select name from unnest(p.proargnames, p.proargmodes) as argument (name, mode) where mode in ('o', 'b', 't')
  ) answer on true
  where pronamespace = 'statehouse'::regnamespace`;

/** Columns that whoever inserts must give. */
const DEMANDED = `
  select format('%s.%s', relname, attname) as what
  from pg_class join pg_attribute on attrelid = pg_class.oid
  where relnamespace = 'statehouse'::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
    and attnotnull and not atthasdef and attidentity = ''`;

interface Work {
  readonly table: string;
  readonly file: number;
  readonly rows: number;
}

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase('blank');
  await migrate(database.url, { migrations: readMigrations().slice(0, BEFORE_RULES) });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(FILL_TABLES);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const workDone = async (): Promise<Work[]> => (await client.query<Work>(WORK, [HOT])).rows;
const list = async (sql: string): Promise<string[]> =>
  (await client.query<{ what: string }>(sql)).rows.map(({ what }) => what);

/** Makes a migration, within the transaction that the session is in. @returns which rules it breaks */
async function faultsOf({ sql, programsFrom }: Migration): Promise<string[]> {
  const before = { work: await workDone(), offered: await list(OFFERED), demanded: await list(DEMANDED) };
  await client.query(sql);
  const after = { work: await workDone(), offered: await list(OFFERED), demanded: await list(DEMANDED) };
  const lasting = after.work.flatMap(({ table, file, rows }) => {
    const earlier = before.work.find((work) => work.table === table);
    if (file !== earlier?.file) return [`writes ${table} anew`];
    return rows - earlier.rows > ROWS_MAX ? [`goes through ${table}`] : [];
  });
  if (programsFrom > 0) return lasting;
  const isOfBefore = (column: string): boolean =>
    before.offered.some((offered) => offered.startsWith(`column ${column.split('.')[0]}.`));
  return [
    ...lasting,
    ...before.offered.filter((what) => !after.offered.includes(what)).map((what) => `takes away: ${what}`),
    ...after.demanded
      .filter((column) => !before.demanded.includes(column) && isOfBefore(column))
      .map((column) => `wants to be given: ${column}`),
  ];
}

test('migrations keep what programs use, and lock no large table for longer than a moment', async () => {
  await client.query('begin');
  for (const migration of readMigrations().slice(BEFORE_RULES))
    expect(await faultsOf(migration), migration.name).toEqual([]);
  await client.query('rollback');
});

const TURNS = 'statehouse.take_turns(bigint[], timestamptz)';

test.each([
  // Concurrently would do, but not in the transaction that a migration is: whoever needs that changes store/migrate.ts.
  ['create index on statehouse.executions (name)', ['goes through executions']],
  ['create index on statehouse.state_machines (name)', []],
  ['create table statehouse.x (id int); create index on statehouse.x (id)', []],
  ['alter table statehouse.journal add constraint c check (seq > 0)', ['goes through journal']],
  ['alter table statehouse.journal add constraint c check (seq > 0) not valid', []],
  ['alter table statehouse.executions add column a int not null default 0', []],
  ['alter table statehouse.executions add column a float default random()', ['writes executions anew']],
  [
    'alter table statehouse.snapshots alter column body type varchar(9999)',
    ['writes snapshots anew', 'takes away: column snapshots.body text'],
  ],
  [
    'alter table statehouse.express_executions alter column owner set not null',
    ['goes through express_executions', 'wants to be given: express_executions.owner'],
  ],
  ['update statehouse.executions set output = null where id > 0', ['goes through executions']],
  ['alter table statehouse.tags drop column value', ['takes away: column tags.value text']],
  ['-- Needs programs that know migration 9.\ndrop table statehouse.tags', []],
  ['alter table statehouse.tags add column a int not null', ['wants to be given: tags.a']],
  [`drop function ${TURNS}`, [expect.stringMatching(/^takes away: function .*take_turns.*: turns$/)]],
])('%s', async (sql, faults) => {
  await client.query('begin');
  try {
    expect(await faultsOf(newerMigrations(sql).at(-1) as Migration)).toEqual(faults);
  } finally {
    await client.query('rollback');
  }
});
