/** Whether a program and the schema of a database work together. The schema may be a newer program's: an upgrade is under way. */
import type pg from 'pg';
import { readMigrations } from './migrations.ts';

type Queryable = Pick<pg.Pool, 'query'>;

/** The newest migration of the graphile-worker that this program brings (test/store/migrate.test.ts compares). */
const GRAPHILE_MIGRATION = 20;

/** Numbers of migrations; 0: none. */
interface Applied {
  readonly newest: number;
  /** Programs that know this one, or newer ones, work with the schema. */
  readonly programsFrom: number;
}

interface BothApplied {
  readonly ours: Applied;
  readonly graphile: Applied;
}

const OF_OURS = {
  table: 'statehouse.migrations',
  // As JSON, because the column is younger than the table.
  programsFrom: `max((to_jsonb(m)->>'programs_from')::int)`,
  newest: 'max(number)',
};
const OF_GRAPHILE = {
  table: 'graphile_worker.migrations',
  programsFrom: 'max(id) filter (where breaking)',
  newest: 'max(id)',
};

/**
 * What keeps this program from using the database, and what to do; undefined: nothing does. A newer program may have
 * migrated it, as long as that has taken away nothing that this one uses.
 */
export async function schemaProblem(database: Queryable): Promise<string | undefined> {
  const known = readMigrations().length;
  const { ours, graphile } = await findApplied(database);
  if (ours.newest < known)
    return `The database is at migration ${ours.newest}, this program needs ${known}: run "statehouse migrate".`;
  if (graphile.newest < GRAPHILE_MIGRATION)
    return `The database is at migration ${graphile.newest} of graphile-worker, this program needs ${GRAPHILE_MIGRATION}: run "statehouse migrate".`;
  return newerProblem({ ours, graphile }, known);
}

/**
 * How many migrations of ours a database has.
 * @param known the newest that the program which asks knows
 * @throws Error when that program does not work with what a newer one has made
 */
export async function countApplied(database: Queryable, known: number): Promise<number> {
  const applied = await findApplied(database);
  const problem = newerProblem(applied, known);
  if (problem !== undefined) throw new Error(problem);
  return applied.ours.newest;
}

function newerProblem({ ours, graphile }: BothApplied, known: number): string | undefined {
  const [what, needed, newest] =
    ours.programsFrom > known
      ? ['migration', ours.programsFrom, known]
      : ['graphile-worker migration', graphile.programsFrom, GRAPHILE_MIGRATION];
  if (needed <= newest) return undefined;
  return (
    `The database needs programs that know ${what} ${needed}, this one knows ${newest}: a newer Statehouse has migrated it. ` +
    'Run that version or a later one; migrations cannot be undone, except by restoring a backup from before.'
  );
}

async function findApplied(database: Queryable): Promise<BothApplied> {
  return { ours: await read(database, OF_OURS), graphile: await read(database, OF_GRAPHILE) };
}

async function read(database: Queryable, { table, newest, programsFrom }: typeof OF_OURS): Promise<Applied> {
  const found = await database.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    table,
  ]);
  if (!found.rows[0]?.there) return { newest: 0, programsFrom: 0 };
  const { rows } = await database.query<Applied>(
    `select coalesce(${newest}, 0) as newest, coalesce(${programsFrom}, 0) as "programsFrom" from ${table} as m`,
  );
  return rows[0] ?? { newest: 0, programsFrom: 0 };
}
