/** One process of Statehouse, that others kill, pause and start again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../support/child-environment.ts';
import type { Crash } from './checker/evidence.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/statehouse.js', import.meta.url));
const SHIFTED_CLOCK = new URL('shifted-clock.ts', import.meta.url).href;
const RESTART_MS = 300;

export interface RoleProcessOptions {
  readonly role: 'api' | 'worker';
  /** `worker-1` */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it prints goes there. */
  readonly logFile: string;
}

export interface WrongClock {
  /** How far the wall clock is off. */
  readonly shiftMs: number;
  /** The monotonic clock stands still while the process does. */
  readonly forgetsPauses: boolean;
}

export class RoleProcess {
  readonly name: string;
  readonly role: 'api' | 'worker';
  /** Ends that nobody has caused. */
  readonly crashes: Crash[] = [];
  /** From its next start on. */
  clock: WrongClock = { shiftMs: 0, forgetsPauses: false };
  readonly #options: RoleProcessOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #isWanted = false;

  constructor(options: RoleProcessOptions) {
    this.name = options.name;
    this.role = options.role;
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
    process.on('exit', () => this.#child?.kill('SIGKILL')); // nobody is left to look after it
  }

  /** Of the process that runs now, or ran last. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves once it is ready. One that ends before is started again, as it would be anywhere: Postgres may be away. */
  async start(): Promise<void> {
    this.#isWanted = true;
    while (this.#isWanted && !(await this.#spawn())) await sleep(RESTART_MS);
  }

  /** SIGKILL, or SIGTERM; resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Its wall clock leaps, while it runs. */
  leap(): void {
    this.#child?.kill('SIGUSR2');
  }

  /** False: it has ended before it was ready. */
  #spawn(): Promise<boolean> {
    const { role, env } = this.#options;
    const child = spawn(process.execPath, ['--import', SHIFTED_CLOCK, PROGRAM, role], {
      env: childEnvironment({
        CHAOS_CLOCK_SHIFT_MS: String(this.clock.shiftMs),
        CHAOS_FORGETS_PAUSES: String(this.clock.forgetsPauses),
        ...env,
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    return new Promise((resolve) => {
      let isReady = false;
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', (line) => {
          this.#log.write(`${line}\n`);
          if (isReady || !line.includes(`"${role} ready"`)) return;
          isReady = true;
          resolve(true);
        });
      child.once('exit', (code, signal) => {
        resolve(false);
        if (isReady && this.#isWanted) this.#crashed(`exit code ${code}, signal ${signal}`);
      });
    });
  }

  #crashed(how: string): void {
    this.crashes.push({ process: this.name, how });
    setTimeout(() => {
      if (this.#isWanted) void this.start();
    }, RESTART_MS);
  }
}
