import pg from 'pg';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { endWhenSilent } from './database.ts';
import { observePool } from './pool-metrics.ts';
import { SqlTaskSession } from './sql-task-session.ts';

export interface SqlTasksOptions {
  /** Of the role that SQL of definitions is run as, on the same database. */
  readonly url: string;
  /** Statements that run at the same moment. */
  readonly poolSize: number;
}

/** How long a statement may run, and how long it may wait for a lock; TimeoutSeconds may end it earlier. */
const STATEMENT_TIMEOUT_MS = 60_000;
const LOCK_TIMEOUT_MS = 10_000;
/** A worker that stops in the middle must not keep locks for long. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Nothing is as long under way: the connection is. */
const SILENCE_MS = STATEMENT_TIMEOUT_MS + 15_000;

/** What values look like; and a statement whose worker is gone is not worked on. */
const SETTINGS = [
  'TimeZone=UTC',
  'DateStyle=ISO',
  'IntervalStyle=iso_8601',
  'bytea_output=hex',
  'client_connection_check_interval=1000',
];

/** The connections that SQL of definitions is run on: few, and of a role that may do nothing else. */
export class SqlTaskSessions {
  readonly #config: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #logger: Logger;

  constructor({ url, poolSize }: SqlTasksOptions, metrics: Metrics, logger: Logger) {
    this.#logger = logger;
    this.#config = {
      connectionString: url,
      application_name: 'statehouse sql task',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      options: SETTINGS.map((setting) => `-c ${setting}`).join(' '),
    };
    this.#pool = new pg.Pool({ ...this.#config, max: poolSize });
    this.#pool.on('connect', (client) => {
      client.on('error', () => {}); // in use, its query fails as well
      endWhenSilent(client, SILENCE_MS);
    });
    this.#pool.on('error', () => {});
    observePool(metrics, this.#pool, 'statehouse sql task');
  }

  /** Begins a transaction. @throws what the database throws */
  async begin(isReadOnly: boolean): Promise<SqlTaskSession> {
    const client = await this.#pool.connect();
    return SqlTaskSession.begin(client, isReadOnly, (pid) => void this.#terminate(pid));
  }

  /** Uses a connection beside the pool. @throws what `use` throws, or the database */
  async alone<Result>(use: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client(this.#config);
    client.on('error', () => {});
    try {
      await client.connect();
      return await use(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #terminate(pid: number): Promise<void> {
    try {
      await this.alone((client) => client.query('select pg_terminate_backend($1)', [pid]));
    } catch (error) {
      this.#logger.warn({ err: error }, 'the session of an SQL task could not be ended');
    }
  }
}
