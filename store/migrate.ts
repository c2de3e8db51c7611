/**
 * Brings the schema of a database up to this program: ours, migrations/*.sql in the order of their numbers, and
 * graphile-worker's. Forward only; each migration is a transaction of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Logger as GraphileLogger, runMigrations } from 'graphile-worker';
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
 * The newest migration of the graphile-worker that this program brings (test/store/migrate.test.ts compares).
 * Graphile-worker itself works on with a newer schema unless that calls itself breaking.
 */
const GRAPHILE_MIGRATION = 20;

/** Number of the newest migration that a database has, of each of the two; 0: none. */
interface Applied {
  readonly ours: number;
  readonly graphile: number;
}

/**
 * Migrates. Any number of processes may call it at once; each returns when the schema is this program's.
 * @throws Error when a newer program has migrated the database already, or a migration fails
 */
export async function migrate(databaseUrl: string, logger?: Logger): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'statehouse migrate' });
  client.on('error', () => {}); // the query under way fails by itself
  await client.connect();
  try {
    // A lock of the session: graphile-worker migrates through connections of its own.
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(`
      create schema if not exists statehouse;
      create table if not exists statehouse.migrations (
        number int primary key,
        name text not null,
        applied_at timestamptz not null default clock_timestamp()
      )`);
    const applied = await findApplied(client);
    const newer = newerProblem(applied);
    if (newer !== undefined) throw new Error(newer);
    await runMigrations({ connectionString: databaseUrl, logger: graphileLogger(logger) });
    for (const migration of migrations().slice(applied.ours)) await apply(client, migration, logger);
  } finally {
    await client.end();
  }
}

/** What keeps this program from using the database, and what to do; undefined: the schema is this program's. */
export async function schemaProblem(database: Pick<pg.Pool, 'query'>): Promise<string | undefined> {
  const applied = await findApplied(database);
  const known = migrations().length;
  if (applied.ours < known) {
    return `The database is at migration ${applied.ours}, this program needs ${known}: run "statehouse migrate".`;
  }
  if (applied.graphile < GRAPHILE_MIGRATION) {
    return `The database is at migration ${applied.graphile} of graphile-worker, this program needs ${GRAPHILE_MIGRATION}: run "statehouse migrate".`;
  }
  return newerProblem(applied);
}

function newerProblem({ ours, graphile }: Applied): string | undefined {
  const known = migrations().length;
  const [what, found, highest] =
    ours > known ? ['migration', ours, known] : ['graphile-worker migration', graphile, GRAPHILE_MIGRATION];
  if (found <= highest) return undefined;
  return (
    `The database is at ${what} ${found}, this program knows ${highest}: a newer Statehouse has migrated it. ` +
    'Run that version or a later one; migrations cannot be undone, except by restoring a backup from before.'
  );
}

async function findApplied(database: Pick<pg.Pool, 'query'>): Promise<Applied> {
  return {
    ours: await newest(database, 'statehouse.migrations', 'number'),
    graphile: await newest(database, 'graphile_worker.migrations', 'id'),
  };
}

async function newest(database: Pick<pg.Pool, 'query'>, table: string, column: string): Promise<number> {
  const found = await database.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    table,
  ]);
  if (!found.rows[0]?.there) return 0;
  const { rows } = await database.query<{ newest: number }>(
    `select coalesce(max(${column}), 0) as newest from ${table}`,
  );
  return rows[0]?.newest ?? 0;
}

async function apply(client: pg.Client, { number, name, sql }: Migration, logger?: Logger): Promise<void> {
  await client.query('begin');
  try {
    // First, so that it fails here if somebody else has done it after our lock was lost with its connection.
    await client.query('insert into statehouse.migrations (number, name) values ($1, $2)', [number, name]);
    await client.query(sql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {}); // a broken connection has rolled back already
    throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  logger?.info({ migration: name }, 'migrated');
}

function graphileLogger(logger?: Logger): GraphileLogger {
  return new GraphileLogger(
    () => (level, message) => logger?.debug({ level }, `graphile-worker: ${message}`),
  );
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
      const name = file.slice(0, -'.sql'.length);
      return { number, name, sql: readFileSync(new URL(file, FOLDER), 'utf8') };
    });
  return cached;
}
