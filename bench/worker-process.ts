/** A worker in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Progress } from './drain-meter.ts';
import type { WorkerNotice } from './worker-program.ts';

const PROGRAM = fileURLToPath(new URL('worker-program.ts', import.meta.url));
const NOTHING: Progress = { firstClaimAt: undefined, ended: 0, lastEndAt: Number.NaN };
const PACE_MS = 5;

export class WorkerProcess {
  readonly #child: ChildProcess;
  #state: 'opening' | 'opened' | 'started' | 'stopped' = 'opening';
  #progress = NOTHING;
  #problem: Error | undefined;

  /**
   * Resolves when its worker can be started.
   * @param tasks the path of a function map, or `no-op`
   * @throws Error when the process ends instead
   */
  static async open(databaseUrl: string, tasks: string): Promise<WorkerProcess> {
    const worker = new WorkerProcess(fork(PROGRAM, [databaseUrl, tasks]));
    await worker.#until(() => worker.#state === 'opened');
    return worker;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (notice: WorkerNotice) => this.#take(notice));
    child.once('exit', (code) => {
      this.#problem = new Error(`A worker's process has ended with ${code}`);
    });
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  /**
   * What the worker that was started last has done.
   * @throws Error when an execution did not succeed, or the process has ended
   */
  get progress(): Progress {
    if (this.#problem) throw this.#problem;
    return this.#progress;
  }

  /** @throws as {@link progress} does */
  async start(): Promise<void> {
    this.#progress = NOTHING;
    this.#child.send('start');
    await this.#until(() => this.#state === 'started');
  }

  /** @throws as {@link progress} does */
  async stop(): Promise<void> {
    this.#child.send('stop');
    await this.#until(() => this.#state === 'stopped');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }

  #take(notice: WorkerNotice): void {
    if (notice.kind === 'progress') this.#progress = notice;
    else if (notice.kind === 'failed')
      this.#problem ??= new Error(`Execution ${notice.executionId} ended as ${notice.status}`);
    else this.#state = notice.kind;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#problem) throw this.#problem;
      await sleep(PACE_MS);
    }
  }
}

/**
 * Resolves when so many executions have succeeded, with the seconds from the first claim to the last end.
 * @throws Error when an execution did not succeed, or a worker's process has ended
 */
export async function drained(workers: readonly WorkerProcess[], executions: number): Promise<number> {
  for (;;) {
    const progress = workers.map((worker) => worker.progress).filter(({ ended }) => ended > 0);
    if (progress.reduce((sum, { ended }) => sum + ended, 0) >= executions) {
      const begin = Math.min(...progress.map(({ firstClaimAt = Number.NaN }) => firstClaimAt));
      return (Math.max(...progress.map(({ lastEndAt }) => lastEndAt)) - begin) / 1000;
    }
    await sleep(PACE_MS);
  }
}
