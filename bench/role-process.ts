/** `statehouse api` and `statehouse worker`, each a process of its own, as production runs them; crash tests kill them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../bin/statehouse.js', import.meta.url));

export class RoleProcess {
  /** Of an API. */
  readonly url: string;
  /** Resolves when it is gone, whoever ended it. */
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.exited = once(child, 'exit');
    this.url = url;
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  /** Resolves once it says that it is ready. @throws Error when it ends instead */
  static async start(
    role: 'api' | 'worker',
    databaseUrl: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RoleProcess> {
    const child = spawn(process.execPath, [PROGRAM, role], {
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        NODE_OPTIONS: process.env.NODE_OPTIONS,
        DATABASE_URL: databaseUrl,
        STATEHOUSE_AUTH: 'none',
        STATEHOUSE_HOST: '127.0.0.1',
        STATEHOUSE_PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    for await (const line of lines) {
      const { msg, url = '' } = JSON.parse(line) as { msg: string; url?: string };
      if (msg !== `${role} ready`) continue;
      child.stdout.resume(); // somebody takes its log, as a container's is taken
      return new RoleProcess(child, url);
    }
    throw new Error(`${role} ended before it was ready`);
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** No line of its code runs any more. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await this.exited;
  }
}
