/** In place of graphile-worker: fetches jobs, when it hears of some and now and then, and completes them. */
import { pause } from '../../telemetry/clock.ts';
import type { JobQueue, QueueOptions } from '../../worker/queue.ts';
import type { Link } from './link.ts';
import type { ModelDatabase } from './model/database.ts';

const POLL_MS = 2000;
const FETCHED_MAX = 10;

export class SimulatedQueue implements JobQueue {
  readonly #options: Pick<QueueOptions, 'advance' | 'clock'>;
  readonly #database: ModelDatabase;
  readonly #link: Link;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #polling: Promise<void> = Promise.resolve();

  constructor(options: QueueOptions, database: ModelDatabase, link: Link) {
    this.#options = options;
    this.#database = database;
    this.#link = link;
  }

  async start(): Promise<void> {
    this.#polling = this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polling;
    await Promise.all(this.#underWay);
  }

  /** Takes what there is. Never throws. */
  async fetch(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const take = () => this.#database.takeJobs(FETCHED_MAX);
    for (const job of await this.#link.call('takeJobs', take).catch(() => [])) {
      const handled = this.#handle(job).finally(() => this.#underWay.delete(handled));
      this.#underWay.add(handled);
    }
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.fetch();
      await pause(this.#options.clock, POLL_MS, this.#stopping.signal);
    }
  }

  async #handle({ jobId, executionId }: { jobId: string; executionId: string }): Promise<void> {
    await this.#options.advance(executionId);
    await this.#link.call('completeJob', () => this.#database.completeJob(jobId)).catch(() => {});
  }
}
