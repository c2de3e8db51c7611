import type { Socket } from 'node:net';
import pg from 'pg';
import type { SqlColumn } from './sql-rows.ts';
import { SQL_ROWS_MAX } from './sql-task.ts';

/** For the append and COMMIT, which keep the execution's row locked. */
const COMMIT_TIMEOUT_MS = 10_000;

/** How often it is looked how much has come: a single value may be as large as a gigabyte. */
const LOOK_MS = 50;

export class TooManyRows extends Error {
  override readonly name = 'TooManyRows';
}

export class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes';
}

/** What Postgres may say it has done. */
const COMMANDS: ReadonlySet<string> = new Set(['CALL', 'DELETE', 'INSERT', 'MERGE', 'SELECT', 'UPDATE']);

export interface SqlRows {
  readonly command: string;
  readonly rowCount: number;
  readonly columns: readonly SqlColumn[];
  /** In Postgres's text format. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** One transaction on a connection of the SQL tasks' pool. The connection goes back when it is over. */
export class SqlTaskSession {
  readonly #client: pg.PoolClient;
  /** Ends a session from another one. */
  readonly #terminate: (pid: number) => void;
  readonly #pid: number;
  #isOver = false;

  private constructor(client: pg.PoolClient, terminate: (pid: number) => void, pid: number) {
    this.#client = client;
    this.#terminate = terminate;
    this.#pid = pid;
  }

  /** @throws what the database throws; the client is released then */
  static async begin(
    client: pg.PoolClient,
    isReadOnly: boolean,
    terminate: (pid: number) => void,
  ): Promise<SqlTaskSession> {
    try {
      // Whatever the role's own default is: with SERIALIZABLE, COMMIT itself could fail.
      await client.query(`begin isolation level read committed, read ${isReadOnly ? 'only' : 'write'}`);
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      return new SqlTaskSession(client, terminate, rows[0]?.pid as number);
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** A query of ours. */
  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<Row | undefined> {
    return (await this.#client.query<Row>(text, [...values])).rows[0];
  }

  /**
   * Runs a statement of a definition.
   * @throws TooManyRows, TooManyBytes: the session must be ended; what the database throws
   */
  async run(statement: string, parameters: readonly (string | null)[], maxBytes: number): Promise<SqlRows> {
    const found = await readRows(this.#client, statement, parameters, maxBytes);
    // No other ones are let through: this is the second lock on that door.
    if (!COMMANDS.has(found.command) || this.#client.getTransactionStatus() !== 'T')
      throw new Error(`an SQL task has run ${found.command}`);
    return found;
  }

  /**
   * After the last statement that is not ours: what it has put off until COMMIT is done now, while it can still fail
   * alone, and its settings are taken back before ours are run.
   * @returns whether it can still be written
   * @throws what the database throws
   */
  async settle(): Promise<boolean> {
    await this.#client.query('set constraints all immediate; close all; reset role; reset all');
    const { rows } = await this.#client.query<{ read_only: string }>(
      `select pg_catalog.set_config('statement_timeout', '${COMMIT_TIMEOUT_MS}', true),
        pg_catalog.current_setting('transaction_read_only') as read_only`,
    );
    return rows[0]?.read_only === 'off';
  }

  /** @throws what the database throws: a DatabaseError says that nothing was committed, if {@link rollback} works */
  async commit(): Promise<void> {
    const { command } = await this.#client.query('commit');
    if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}`);
    this.#leave();
  }

  /** False: the connection is lost. Nothing, once the session is over. Never throws. */
  async rollback(): Promise<boolean> {
    if (this.#isOver) return true;
    try {
      await this.#client.query('rollback');
      this.#leave();
      return true;
    } catch {
      this.end();
      return false;
    }
  }

  /** At once, also in the middle of a statement. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // The server notices a connection that is gone only after a while, and would work on until then.
    this.#terminate(this.#pid);
    this.#client.release(true);
  }

  /** The next execution on this connection finds nothing: no lock, temporary table, cursor or setting. */
  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#client.query('discard all').then(
      () => this.#client.release(),
      () => this.#client.release(true),
    );
  }
}

/** By the extended protocol, which takes one statement only. */
function readRows(
  client: pg.PoolClient,
  text: string,
  parameters: readonly (string | null)[],
  maxBytes: number,
): Promise<SqlRows> {
  const asText = { getTypeParser: () => (value: string) => value };
  const values = [...parameters];
  const query = new pg.Query({ ...{ queryMode: 'extended', rowMode: 'array' }, text, values, types: asText });
  const stream = client.connection.stream as Socket;
  const bytesBefore = stream.bytesRead;
  const rows: (string | null)[][] = [];
  return new Promise<SqlRows>((resolve, reject) => {
    const look = (): void => {
      if (stream.bytesRead - bytesBefore > maxBytes) reject(new TooManyBytes());
    };
    const looking = setInterval(look, LOOK_MS);
    query.on('row', (row: (string | null)[]) => {
      if (rows.length === SQL_ROWS_MAX) reject(new TooManyRows());
      else rows.push(row);
    });
    query.on('error', (error) => {
      clearInterval(looking);
      reject(error);
    });
    query.on('end', ({ command, fields, rowCount }) => {
      clearInterval(looking);
      look();
      resolve({ command, rowCount: rowCount ?? 0, columns: fields, rows });
    });
    client.query(query);
  });
}
