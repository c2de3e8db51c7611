/** PgBouncer in transaction mode, in front of a test's database. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Debian has it where only root looks. */
const env = { PATH: `${process.env.PATH}:/usr/sbin` };

/** `1.18.0`; undefined: it is not installed. */
export const pgBouncerVersion = /^PgBouncer (\S+)/.exec(
  spawnSync('pgbouncer', ['--version'], { env, encoding: 'utf8' }).stdout ?? '',
)?.[1];

/** Fewer than Statehouse has connections: whoever counts on a session of its own finds somebody else in it. */
const SESSIONS = 3;

export class PgBouncer {
  /** The same database as the one behind it. */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /**
   * Resolves once it takes connections.
   * @param databaseUrl over TCP: it is another user than who may use the socket of the tests' server
   * @throws Error with its output when it ends instead
   */
  static async start(databaseUrl: string): Promise<PgBouncer> {
    const port = await freePort();
    using folder = temporaryFolder();
    const file = join(folder.path, 'pgbouncer.ini');
    writeFileSync(file, settings(new URL(databaseUrl), port));
    const asNobody = process.getuid?.() === 0 ? ['--user', 'nobody'] : [];
    const child = spawn('pgbouncer', [...asNobody, file], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const output: string[] = [];
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        output.push(line);
        if (line.includes('process up')) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`PgBouncer ended:\n${output.join('\n')}`)));
    });
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${port}`;
    return new PgBouncer(url.href, child);
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

function settings({ hostname, port, pathname, username, password }: URL, ownPort: number): string {
  const secret = password && ` password='${decodeURIComponent(password)}'`; // it takes none that is empty
  return `[databases]
${pathname.slice(1)} = host=${hostname} port=${port} user=${decodeURIComponent(username)}${secret}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${SESSIONS}
`;
}
