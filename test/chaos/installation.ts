/** A whole Statehouse of real processes, on a Postgres of its own. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedPostgres, startPostgres } from '../../dev/postgres/postgres.ts';
import { createLogger } from '../../telemetry/log.ts';
import { freePort } from '../support/free-port.ts';
import { runStatehouse } from '../support/run-statehouse.ts';
import { setUpSqlTaskRole, sqlTasksUrl } from '../support/sql-task-role.ts';
import { EFFECTS_SQL } from './effects.ts';
import { Link } from './link.ts';
import { RoleProcess } from './role-process.ts';

const WORKERS = 3;
const APIS = 2;

/** Short, so that many lives of workers fit into a run. */
export const WORKER_TIMEOUT_SECONDS = 2;

/** A process, and its way to Postgres. */
export interface Node {
  readonly process: RoleProcess;
  readonly link: Link;
}

export class Installation {
  readonly nodes: readonly Node[];
  readonly apiUrls: readonly string[];
  readonly #postgres: EmbeddedPostgres;
  /** Not by way of any link. */
  readonly #pool: pg.Pool;

  private constructor(
    postgres: EmbeddedPostgres,
    pool: pg.Pool,
    nodes: readonly Node[],
    apiUrls: readonly string[],
  ) {
    this.#postgres = postgres;
    this.#pool = pool;
    this.nodes = nodes;
    this.apiUrls = apiUrls;
  }

  /** @param folder for data and logs */
  static async start(folder: string, functionsUrl: string): Promise<Installation> {
    const postgres = await startPostgres({ dataDir: join(folder, 'data'), logger: createLogger('silent') });
    const shared = { ...environment(functionsUrl), NODE_COMPILE_CACHE: join(folder, 'compiled') };
    // It also leaves the compiled program behind: many starts follow, and those that are killed leave nothing.
    const migrated = await runStatehouse(['migrate'], { ...shared, DATABASE_URL: postgres.url });
    if (migrated.exitCode !== 0) throw new Error(`statehouse migrate: ${migrated.stderr}`);
    await setUpSqlTaskRole(postgres.url);
    const pool = new pg.Pool({ connectionString: postgres.url, max: 2, connectionTimeoutMillis: 10_000 });
    pool.on('error', () => {});
    await pool.query(EFFECTS_SQL);
    const nodes: Node[] = [];
    const apiUrls: string[] = [];
    const add = async (
      role: 'api' | 'worker',
      number: number,
      more: Record<string, string>,
    ): Promise<void> => {
      const link = await Link.open(postgres.url);
      const name = `${role}-${number}`;
      const urls = { DATABASE_URL: link.url, STATEHOUSE_SQL_TASKS_URL: sqlTasksUrl(link.url) };
      const env = { ...shared, ...more, ...urls };
      nodes.push({
        process: new RoleProcess({ role, name, env, logFile: join(folder, `${name}.log`) }),
        link,
      });
    };
    for (let n = 1; n <= WORKERS; n++) await add('worker', n, {});
    for (let n = 1; n <= APIS; n++) {
      const port = String(await freePort());
      apiUrls.push(`http://127.0.0.1:${port}`);
      await add('api', n, { STATEHOUSE_PORT: port });
    }
    const installation = new Installation(postgres, pool, nodes, apiUrls);
    await Promise.all(nodes.map(({ process }) => process.start()));
    return installation;
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

  /** Postgres's own process. */
  get postgresPid(): number {
    return this.#postgres.pid;
  }

  /** Ends everything at once: nothing here needs to be kept. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ process }) => process.end('SIGKILL')));
    await Promise.all(this.nodes.map(({ link }) => link.close()));
    await this.#pool.end();
    await this.#postgres.stop();
  }
}

const QUERY_TRIES = 60;
const RETRY_MS = 500;

function environment(functionsUrl: string): Record<string, string> {
  return {
    STATEHOUSE_AUTH: 'none',
    STATEHOUSE_HOST: '127.0.0.1',
    STATEHOUSE_WORKER_TIMEOUT_SECONDS: String(WORKER_TIMEOUT_SECONDS),
    STATEHOUSE_GRACE_SECONDS: '1',
    AWS_ENDPOINT_URL_LAMBDA: functionsUrl,
    LOG_LEVEL: 'info',
  };
}
