/** Databases for scenarios that must not share tables with others: filled once, used by all runs, gone with the bench. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../store/migrate.ts';
import type { Logger } from '../telemetry/log.ts';

export class OwnDatabases implements AsyncDisposable {
  readonly #serverUrl: string;
  readonly #logger: Logger;
  readonly #opened = new Map<string, Promise<unknown>>();
  readonly #names: string[] = [];

  /** @param serverUrl of any database of the server; its user must have the right to create others */
  constructor(serverUrl: string, logger: Logger) {
    this.#serverUrl = serverUrl;
    this.#logger = logger;
  }

  /** What `fill` has answered about the database of this name, when that was opened for the first time. */
  open<Filled>(name: string, fill: (databaseUrl: string) => Promise<Filled>): Promise<Filled> {
    const known = this.#opened.get(name) as Promise<Filled> | undefined;
    if (known !== undefined) return known;
    const opened = this.#create(name).then(fill);
    this.#opened.set(name, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await query(this.#serverUrl, `drop database "${name}" with (force)`);
  }

  /** Of our schema, and empty: its URL. */
  async #create(name: string): Promise<string> {
    const database = `bench-${name}-${randomBytes(4).toString('hex')}`;
    await query(this.#serverUrl, `create database "${database}"`);
    this.#names.push(database);
    const url = new URL(this.#serverUrl);
    url.pathname = database;
    await migrate(url.href, { logger: this.#logger });
    return url.href;
  }
}

/** One statement, over a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  connectionString: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const database = new pg.Client({ connectionString });
  await database.connect();
  try {
    return (await database.query<Row>(sql, [...values])).rows;
  } finally {
    await database.end();
  }
}
