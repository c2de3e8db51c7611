/** The development server as a process of its own, for tests that kill it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.ts';
import { copyFreshCluster } from './fresh-cluster.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/statehouse.js', import.meta.url));
const READY = /^Statehouse ready on (http:\/\/\S+)$/;

export interface ServerProcessOptions {
  readonly dataDir: string;
  /** Undefined: any free port. */
  readonly port?: number;
  readonly functions?: string;
  /** On top of this process's own environment, without its AWS and database settings. */
  readonly env?: Readonly<Record<string, string>>;
}

export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: string[];
  readonly #exited: Promise<unknown>;

  private constructor(url: string, child: ChildProcess, output: string[], exited: Promise<unknown>) {
    this.url = url;
    this.#child = child;
    this.#output = output;
    this.#exited = exited;
  }

  /**
   * Resolves once the server says that it is ready.
   * @throws Error with its output when it ends instead
   */
  static async start({ dataDir, port = 0, functions, env }: ServerProcessOptions): Promise<ServerProcess> {
    copyFreshCluster(dataDir);
    const args = ['dev', '--port', String(port), '--data-dir', dataDir];
    if (functions !== undefined) args.push('--functions', functions);
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    const output: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          output.push(line);
          const ready = READY.exec(line)?.[1];
          if (ready !== undefined) resolve(ready);
        });
      }
      exited.then(
        () => reject(new Error(`the server ended before it was ready:\n${output.join('\n')}`)),
        reject,
      );
    });
    return new ServerProcess(url, child, output, exited);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output.join('\n');
  }

  /** SIGTERM, as an operator would; resolves with the exit code once it is gone. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    await this.#exited;
    return this.#child.exitCode;
  }

  /** SIGKILL: no line of its code runs any more. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
