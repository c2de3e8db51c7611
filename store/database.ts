/** The connections to Postgres: one pool, through Kysely, and single connections that LISTEN. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../telemetry/log.ts';
import type { Tables } from './tables.ts';

/** All that queries run on: the pool, or a transaction. */
export type Database = Kysely<Tables>;

export interface Connections {
  readonly database: Database;
  readonly pool: pg.Pool;
  /** A connection outside the pool, not yet connected. */
  readonly newClient: () => pg.Client;
}

/** A session that stops in the middle of a transaction must not keep its row locks for long. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;

export function connect(options: { databaseUrl: string; poolSize: number; logger: Logger }): Connections {
  const config = {
    connectionString: options.databaseUrl,
    application_name: 'statehouse',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
  const pool = new pg.Pool({
    ...config,
    max: options.poolSize,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  // Without listeners a connection that breaks would end the process. In use, its query fails as well.
  pool.on('connect', (client) => {
    client.on('error', (error) => options.logger.warn({ err: error }, 'database connection lost'));
  });
  pool.on('error', () => {});
  return {
    database: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema('statehouse'),
    pool,
    newClient: () => new pg.Client(config),
  };
}
