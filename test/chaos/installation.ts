/** A whole Statehouse of real processes, on a Postgres of its own. */
import { join } from 'node:path';
import type { QueryResultRow } from 'pg';
import { freePort } from '../support/free-port.ts';
import { runStatehouse } from '../support/run-statehouse.ts';
import { setUpSqlTaskRole, sqlTasksUrl } from '../support/sql-task-role.ts';
import { DatabaseServer } from './database-server.ts';
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
  readonly #database: DatabaseServer;

  private constructor(database: DatabaseServer, nodes: readonly Node[], apiUrls: readonly string[]) {
    this.#database = database;
    this.nodes = nodes;
    this.apiUrls = apiUrls;
  }

  /** @param folder for data and logs */
  static async start(folder: string, functionsUrl: string): Promise<Installation> {
    const database = await DatabaseServer.start(join(folder, 'data'));
    const { NODE_COMPILE_CACHE = join(folder, 'compiled') } = process.env;
    const shared = { ...environment(functionsUrl), NODE_COMPILE_CACHE };
    // It also leaves the compiled program behind: many starts follow, and those that are killed leave nothing.
    const migrated = await runStatehouse(['migrate'], { ...shared, DATABASE_URL: database.url });
    if (migrated.exitCode !== 0) throw new Error(`statehouse migrate: ${migrated.stderr}`);
    await setUpSqlTaskRole(database.url);
    await database.query(EFFECTS_SQL);
    const nodes: Node[] = [];
    const apiUrls: string[] = [];
    const add = async (
      role: 'api' | 'worker',
      number: number,
      more: Record<string, string>,
    ): Promise<void> => {
      const link = await Link.open(database.url);
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
    const installation = new Installation(database, nodes, apiUrls);
    await Promise.all(nodes.map(({ process }) => process.start()));
    return installation;
  }

  /** Not by way of any link. Waits for Postgres while it is away. */
  query<Row extends QueryResultRow>(sql: string): Promise<Row[]> {
    return this.#database.query(sql);
  }

  /** Postgres's own process. */
  get postgresPid(): number {
    return this.#database.pid;
  }

  /** Another server takes over, and all links lead to it. */
  async failOver(): Promise<void> {
    await this.#database.failOver();
    for (const { link } of this.nodes) link.leadTo(this.#database.url);
  }

  /** Ends everything at once: nothing here needs to be kept. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ process }) => process.end('SIGKILL')));
    await Promise.all(this.nodes.map(({ link }) => link.close()));
    await this.#database.stop();
  }
}

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
