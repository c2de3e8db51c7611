/** The installation's Postgres, and the server that takes over from it. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type EmbeddedPostgres, startPostgres } from '../../dev/postgres/postgres.ts';
import { createLogger } from '../../telemetry/log.ts';
import { administer } from '../support/administer.ts';
import { copyFreshCluster } from '../support/fresh-cluster.ts';

const QUERY_TRIES = 60;
const RETRY_MS = 500;
const logger = createLogger('silent');

export class DatabaseServer {
  #postgres: EmbeddedPostgres;
  #pool: pg.Pool;

  private constructor(postgres: EmbeddedPostgres) {
    this.#postgres = postgres;
    this.#pool = poolOf(postgres);
  }

  static async start(dataDir: string): Promise<DatabaseServer> {
    copyFreshCluster(dataDir);
    return new DatabaseServer(await startPostgres({ dataDir, logger }));
  }

  get url(): string {
    return this.#postgres.url;
  }

  /** Postgres's own process. */
  get pid(): number {
    return this.#postgres.pid;
  }

  /** Waits for Postgres while it is away. */
  async query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    for (let tries = 1; ; tries++) {
      try {
        return (await this.#pool.query<Row>(sql)).rows;
      } catch (error) {
        if (tries === QUERY_TRIES) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Ends this server. Another one goes on, with all that this one has made durable. */
  async failOver(): Promise<void> {
    const { dataDir } = this.#postgres;
    await this.#postgres.stop();
    const next = `${dataDir}-next`;
    await promisify(execFile)('cp', ['-a', dataDir, next]);
    this.#postgres = await startPostgres({ dataDir: next, logger });
    await changeIncarnation(this.#postgres.url);
    const before = this.#pool;
    this.#pool = poolOf(this.#postgres);
    await before.end();
  }

  async stop(): Promise<void> {
    await this.#pool.end();
    await this.#postgres.stop();
  }
}

function poolOf({ url }: EmbeddedPostgres): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 10_000 });
  pool.on('error', () => {});
  return pool;
}

/** A standby that is promoted begins a new timeline. A copied server does not, so its database is copied once more. */
async function changeIncarnation(databaseUrl: string): Promise<void> {
  const maintenance = new URL(databaseUrl);
  const name = maintenance.pathname.slice(1);
  maintenance.pathname = '/postgres';
  for (const sql of [
    `alter database ${name} rename to before`,
    `create database ${name} template before`,
    'drop database before',
  ])
    await administer(maintenance.href, sql);
}
