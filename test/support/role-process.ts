/** `statehouse api` and `statehouse worker`, each a process of its own, as production runs them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.ts';
import type { LogLine } from './log-lines.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/statehouse.js', import.meta.url));

export interface RoleOptions {
  /** False: what it logs once it is ready is thrown away unread. */
  readonly keepsLog?: boolean;
}

export class RoleProcess {
  /** What it has logged. */
  readonly lines: readonly LogLine[];
  /** Resolves when it is gone, whoever ended it. */
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, lines: readonly LogLine[], exited: Promise<unknown>) {
    this.#child = child;
    this.lines = lines;
    this.exited = exited;
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  /** Of an API. */
  get url(): string {
    return String(this.lines.find(({ msg }) => msg === 'api ready')?.url);
  }

  /** Resolves once the role says that it is ready. @throws Error when it ends instead */
  static async start(
    role: 'api' | 'worker',
    env: NodeJS.ProcessEnv,
    { keepsLog = true }: RoleOptions = {},
  ): Promise<RoleProcess> {
    const child = spawn(process.execPath, [PROGRAM, role], {
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const lines: LogLine[] = [];
    const log = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      log.on('line', (text) => {
        const line = JSON.parse(text) as LogLine;
        lines.push(line);
        if (line.msg === `${role} ready`) resolve();
      });
      exited.then(() => reject(new Error(`${role} ended before it was ready`)), reject);
    });
    if (!keepsLog) {
      log.close();
      child.stdout.resume(); // somebody takes its log, as a container's is taken
    }
    return new RoleProcess(child, lines, exited);
  }

  /**
   * SIGTERM as an operator would, or SIGKILL: no line of its code runs any more. Resolves with the exit code once it is gone.
   */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    await this.exited;
    return this.#child.exitCode;
  }
}
