/** `statehouse api` or `statehouse worker`, as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.ts';
import type { LogLine } from './log-lines.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/statehouse.js', import.meta.url));

export class RoleProcess {
  /** What it has logged. */
  readonly lines: readonly LogLine[];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess, lines: readonly LogLine[], exited: Promise<unknown>) {
    this.#child = child;
    this.lines = lines;
    this.#exited = exited;
  }

  /** Resolves once the role says that it is ready. @throws Error when it ends instead */
  static async start(role: 'api' | 'worker', env: Readonly<Record<string, string>>): Promise<RoleProcess> {
    const child = spawn(process.execPath, [PROGRAM, role], {
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const lines: LogLine[] = [];
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as LogLine;
        lines.push(line);
        if (line.msg === `${role} ready`) resolve();
      });
      exited.then(() => reject(new Error(`${role} ended before it was ready`)), reject);
    });
    return new RoleProcess(child, lines, exited);
  }

  /** SIGTERM as an operator would, or SIGKILL; resolves with the exit code once it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    await this.#exited;
    return this.#child.exitCode;
  }
}
