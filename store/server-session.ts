/** One held connection that looks after a Postgres server itself: whose data it serves, who uses it, which databases it has. */
import pg from 'pg';
import { isRetryable } from './retryable-errors.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** Any number will do, as long as it stays. */
const SERVER_LOCK = 7_348_083;

export class ServerSession {
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
    this.closed = new Promise((resolve) => client.once('end', resolve));
    client.on('error', () => {}); // `end` follows, and a query that was under way fails by itself
  }

  /**
   * Undefined: no server takes connections there (yet).
   * @param name shown to others by {@link serverLockHolder}
   * @throws Error when a server is there and refuses this connection
   */
  static async open(url: string, name: string): Promise<ServerSession | undefined> {
    const client = new pg.Client({
      connectionString: url,
      application_name: name,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    const session = new ServerSession(client);
    try {
      await client.connect();
      return session;
    } catch (error) {
      if (isRetryable(error)) return undefined;
      throw error;
    }
  }

  /** The data folder, as the server itself names it. */
  async dataDirectory(): Promise<string> {
    const { rows } = await this.#client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory ?? '';
  }

  /** Takes the server for this session alone, until the connection ends, however it ends. False: somebody has it. */
  async lockServer(): Promise<boolean> {
    const sql = 'select pg_try_advisory_lock($1) as locked';
    const { rows } = await this.#client.query<{ locked: boolean }>(sql, [SERVER_LOCK]);
    return rows[0]?.locked === true;
  }

  /** The name of the session that has the server; undefined when it has just gone. */
  async serverLockHolder(): Promise<string | undefined> {
    const { rows } = await this.#client.query<{ application_name: string }>(
      `select application_name from pg_stat_activity join pg_locks using (pid)
       where locktype = 'advisory' and granted and classid = 0 and objid = $1`,
      [SERVER_LOCK],
    );
    return rows[0]?.application_name;
  }

  /** Only under the server's lock: two sessions at once would both find it missing. */
  async ensureDatabase(name: string): Promise<void> {
    const { rowCount } = await this.#client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await this.#client.query(`create database ${this.#client.escapeIdentifier(name)}`);
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
