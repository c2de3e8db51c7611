/**
 * Brings the schema of a database up to this program: ours, migrations/*.sql in the order of their numbers, and
 * graphile-worker's. Forward only; each migration is a transaction of its own. Processes of the version before go on meanwhile,
 * and afterwards: see docs/operations.md, Upgrades.
 */
import { Logger as GraphileLogger, runMigrations } from 'graphile-worker';
import pg from 'pg';
import { type Clock, pause, systemClock } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Migration, readMigrations } from './migrations.ts';
import { countApplied } from './schema-version.ts';

/** Held by the one process that migrates; the others wait and then find nothing left to do. */
const LOCK = 7_283_904_417;

/**
 * How long a migration waits for a lock. While it waits, whoever comes after it waits too, so behind a long transaction (a
 * backup, a report) it gives up, lets the others through and tries again.
 */
const LOCK_TIMEOUT_MS = 500;
const PAUSE_MS = 10_000;
/** Ten minutes and more. */
const TRIES = 60;

/** The table is locked by somebody, or the migration and a call waited for each other: nothing of it has happened. */
const LOCKED_SQLSTATES: readonly unknown[] = ['55P03', '40P01'];

export interface MigrateOptions {
  readonly logger?: Logger | undefined;
  readonly migrations?: readonly Migration[];
  readonly clock?: Clock;
}

/**
 * Migrates. Any number of processes may call it at once; each returns when the schema has all that this program needs.
 * @throws Error when a newer program has made a schema that this one does not work with, or a migration fails
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<void> {
  const { logger, migrations = readMigrations() } = options;
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
    const applied = await countApplied(client, migrations.length);
    await runMigrations({ connectionString: databaseUrl, logger: graphileLogger(logger) });
    for (const migration of migrations.slice(applied)) await applyBetweenOthers(client, migration, options);
  } finally {
    await client.end();
  }
}

async function applyBetweenOthers(
  client: pg.Client,
  migration: Migration,
  options: MigrateOptions,
): Promise<void> {
  const { logger, clock = systemClock } = options;
  for (let tries = 1; ; tries++) {
    try {
      await apply(client, migration);
      return logger?.info({ migration: migration.name }, 'migrated');
    } catch (error) {
      if (tries === TRIES || !isLocked(error)) throw failureOf(migration, error);
      logger?.warn(
        { err: error, migration: migration.name, pauseMs: PAUSE_MS },
        'a table is locked, trying again',
      );
      await pause(clock, PAUSE_MS, new AbortController().signal);
    }
  }
}

async function apply(client: pg.Client, { number, name, sql, programsFrom }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    // First, so that it fails here if somebody else has done it after our lock was lost with its connection.
    await client.query('insert into statehouse.migrations (number, name) values ($1, $2)', [number, name]);
    await client.query(sql);
    if (programsFrom > 0)
      await client.query('update statehouse.migrations set programs_from = $1 where number = $2', [
        programsFrom,
        number,
      ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {}); // a broken connection has rolled back already
    throw error;
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && LOCKED_SQLSTATES.includes(error.code);
}

function failureOf({ name }: Migration, error: unknown): Error {
  const hint = isLocked(error)
    ? '; end the transactions that keep a table locked (pg_stat_activity), and run it again'
    : '';
  return new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : error}${hint}`, {
    cause: error,
  });
}

function graphileLogger(logger?: Logger): GraphileLogger {
  return new GraphileLogger(
    () => (level, message) => logger?.debug({ level }, `graphile-worker: ${message}`),
  );
}
