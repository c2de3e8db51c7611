/** The connections to Postgres: a pool, through Kysely, one for what is urgent, and single ones that LISTEN. */
import type { Socket } from 'node:net';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../telemetry/log.ts';
import { prepareCalls } from './prepared-calls.ts';
import type { Tables } from './tables.ts';
import { STORE_TIMEOUTS, type StoreTimeouts } from './timeouts.ts';

/** All that queries run on: the pool, or a transaction. */
export type Database = Kysely<Tables>;

export interface Connections {
  readonly database: Database;
  readonly pool: pg.Pool;
  /** One connection besides: for what must not wait until others give theirs back. */
  readonly urgent: Database;
  /** A connection outside the pool, not yet connected, whose session is its own. */
  readonly newClient: () => pg.Client;
  /** From now on nobody waits for long for a server that is silent. */
  readonly hurry: () => void;
  /** Nothing, when it has been called before. */
  readonly end: () => Promise<void>;
}

export interface ConnectionOptions {
  readonly databaseUrl: string;
  /**
   * Postgres itself, where `databaseUrl` is a pooler that gives each transaction another session (PgBouncer in transaction
   * mode). Such a pooler takes no settings of a session: timeouts of statements are then for its server to set, and no
   * statement is prepared.
   */
  readonly directDatabaseUrl?: string | undefined;
  readonly poolSize: number;
  readonly timeouts?: Partial<StoreTimeouts>;
  readonly logger: Logger;
}

export function connect(options: ConnectionOptions): Connections {
  const { databaseUrl, directDatabaseUrl, poolSize, logger } = options;
  const { connectMs, statementMs, idleInTransactionMs, silenceMs, closeMs } = {
    ...STORE_TIMEOUTS,
    ...options.timeouts,
  };
  const config = {
    application_name: 'statehouse',
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
  };
  const sessionSettings = {
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  };
  const open = new Set<pg.PoolClient>();
  const newPool = (max: number) => {
    const pool = new pg.Pool({
      ...config,
      connectionString: databaseUrl,
      max,
      ...(directDatabaseUrl === undefined && sessionSettings),
    });
    // Without listeners a connection that breaks would end the process. In use, its query fails as well.
    pool.on('connect', (client) => {
      client.on('error', (error) => logger.warn({ err: error }, 'database connection lost'));
      endWhenSilent(client, silenceMs);
      open.add(client);
      if (directDatabaseUrl === undefined) prepareCalls(client);
    });
    pool.on('remove', (client) => open.delete(client));
    pool.on('error', () => {});
    return pool;
  };
  const pool = newPool(poolSize);
  const urgentPool = newPool(1);
  return {
    database: through(pool),
    pool,
    urgent: through(urgentPool),
    newClient: () => new pg.Client({ ...config, connectionString: directDatabaseUrl ?? databaseUrl }),
    hurry: () => {
      for (const client of open) endWhenSilent(client, closeMs);
    },
    end: async () => {
      await Promise.all([pool, urgentPool].filter(({ ending }) => !ending).map((each) => each.end()));
    },
  };
}

function through(pool: pg.Pool): Database {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema('statehouse');
}

/**
 * Ends a connection over which nothing comes any more, with the query that waits for it. pg's own `query_timeout` would
 * leave it in the pool, to be waited for by the next one; and the pool closes what is idle long before. What was said before
 * no longer holds.
 */
export function endWhenSilent(client: pg.PoolClient, silenceMs: number): void {
  // pg's types do not tell of it. It is a TLS socket where that was agreed on.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream
    .removeAllListeners('timeout')
    .setTimeout(silenceMs, () =>
      stream.destroy(new Error(`Connection terminated: no answer within ${silenceMs} ms`)),
    );
}
