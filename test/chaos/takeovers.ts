import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation.ts';

const POLL_MS = 100;

/** How long executions stay with a worker that was killed, until they are free for others. */
export class Takeovers {
  /** Of each worker that had any, until the last one was free. */
  readonly milliseconds: number[] = [];
  readonly #installation: Installation;

  constructor(installation: Installation) {
    this.#installation = installation;
  }

  /** @param pid of the worker that has just been killed */
  async clock(pid: number): Promise<void> {
    const killedAt = performance.now();
    const had = await this.#executionsOf(pid);
    if (had === 0) return;
    while ((await this.#executionsOf(pid)) > 0) await sleep(POLL_MS);
    this.milliseconds.push(Math.round(performance.now() - killedAt));
  }

  async #executionsOf(pid: number): Promise<number> {
    const [row] = await this.#installation.query<{ count: number }>(
      `select count(*)::int as count from statehouse.executions e
       join statehouse.workers w on w.id = e.owner where w.pid = ${pid}`,
    );
    return row?.count ?? 0;
  }
}
