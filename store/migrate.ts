/**
 * Brings the schema of a database up to this program: graphile-worker's first, then ours, migrations/*.sql in the
 * order of their numbers. Forward only, each in a transaction of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import type { Logger } from '../telemetry/log.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const FOLDER = new URL('../migrations/', import.meta.url);

/** Held by the one process that migrates; the others wait and then find nothing left to do. */
const LOCK = 7_283_904_417;

/**
 * Migrates. Any number of processes may call it at once.
 * @throws Error when a newer program has migrated the database already
 */
export async function migrate(databaseUrl: string, logger?: Logger): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'statehouse migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query('create schema if not exists statehouse');
    await client.query(
      `create table if not exists statehouse.migrations (
         number int primary key,
         name text not null,
         applied_at timestamptz not null default clock_timestamp()
       )`,
    );
    const applied = await lastApplied(client);
    const known = migrations();
    const newer = newerProblem(applied, known.length);
    if (newer !== undefined) throw new Error(newer);
    // It refuses a database that a newer graphile-worker has migrated.
    await runMigrations({ connectionString: databaseUrl, noHandleSignals: true });
    for (const migration of known.slice(applied)) await apply(client, migration, logger);
  } finally {
    await client.end();
  }
}

/** What keeps this program from using the database; undefined: its schema is this program's. */
export async function schemaProblem(database: Pick<pg.Pool, 'query'>): Promise<string | undefined> {
  const { rows } = await database.query<{ there: boolean }>(
    `select to_regclass('statehouse.migrations') is not null as there`,
  );
  const applied = rows[0]?.there ? await lastApplied(database) : 0;
  const known = migrations().length;
  if (applied < known)
    return `The database is at migration ${applied}, this program needs ${known}: run "statehouse migrate"`;
  return newerProblem(applied, known);
}

function newerProblem(applied: number, known: number): string | undefined {
  if (applied <= known) return undefined;
  return `The database is at migration ${applied}, this program knows ${known}: it was migrated by a newer Statehouse. Run that version, or restore a backup from before`;
}

async function lastApplied(database: Pick<pg.Pool, 'query'>): Promise<number> {
  const { rows } = await database.query<{ last: number }>(
    'select coalesce(max(number), 0) as last from statehouse.migrations',
  );
  return rows[0]?.last ?? 0;
}

async function apply(client: pg.Client, { number, name, sql }: Migration, logger?: Logger): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into statehouse.migrations (number, name) values ($1, $2)', [number, name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  logger?.info({ migration: name }, 'migrated');
}

let cached: readonly Migration[] | undefined;

/** The migrations of this program. @throws Error when their numbers are not 1, 2, 3 … */
function migrations(): readonly Migration[] {
  cached ??= readdirSync(FOLDER)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file, index) => {
      const number = Number(file.slice(0, 4));
      if (number !== index + 1) throw new Error(`migrations/${file} should have number ${index + 1}`);
      return {
        number,
        name: file.slice(0, -'.sql'.length),
        sql: readFileSync(new URL(file, FOLDER), 'utf8'),
      };
    });
  return cached;
}
