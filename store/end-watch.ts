/** Waiting for executions to end: one query for all waiters, repeated only while there are some. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from '../telemetry/log.ts';
import { numbers } from './batch-columns.ts';
import type { Database } from './database.ts';

/**
 * The pause between two looks is a quarter of what the newest waiter has waited: it learns of an end late by a
 * quarter of its wait at most, and a long wait costs few queries.
 */
const PAUSE_SHARE = 1 / 4;
const PAUSE_MS_MIN = 2;
const PAUSE_MS_MAX = 25;
const ERROR_PAUSE_MS = 1000;

export class EndWatch {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #waiters = new Map<string, Set<() => void>>();
  #newestSince = 0;
  #pausing = new AbortController();
  #polling: Promise<void> | undefined;

  constructor(database: Database, logger: Logger) {
    this.#database = database;
    this.#logger = logger;
  }

  /** Resolves when the execution is closed, `timeoutMs` are over, or `signal` is aborted. */
  wait(executionId: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.#remove(executionId, done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal?.addEventListener('abort', done);
      const waiters = this.#waiters.get(executionId);
      if (waiters) waiters.add(done);
      else this.#waiters.set(executionId, new Set([done]));
      this.#newestSince = performance.now();
      this.#pausing.abort();
      this.#polling ??= this.#poll();
    });
  }

  /** Lets all waiters go. */
  async close(): Promise<void> {
    for (const waiters of [...this.#waiters.values()]) for (const done of [...waiters]) done();
    await this.#polling;
  }

  #remove(executionId: string, done: () => void): void {
    const waiters = this.#waiters.get(executionId);
    waiters?.delete(done);
    if (waiters?.size === 0) this.#waiters.delete(executionId);
  }

  async #poll(): Promise<void> {
    while (this.#waiters.size > 0) {
      try {
        for (const id of await this.#closed()) for (const done of [...(this.#waiters.get(id) ?? [])]) done();
        if (this.#waiters.size > 0) await this.#pause();
      } catch (error) {
        this.#logger.warn({ err: error }, 'cannot see which executions have ended, trying again');
        await sleep(ERROR_PAUSE_MS);
      }
    }
    this.#polling = undefined;
  }

  /** Ends early when somebody begins to wait. */
  async #pause(): Promise<void> {
    this.#pausing = new AbortController();
    const share = (performance.now() - this.#newestSince) * PAUSE_SHARE;
    const pauseMs = Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS_MIN, share));
    await sleep(pauseMs, undefined, { signal: this.#pausing.signal }).catch(() => {});
  }

  /** Those that are waited for and not running (any more). */
  async #closed(): Promise<string[]> {
    const ids = [...this.#waiters.keys()];
    const rows = await this.#database
      .selectFrom('executions')
      .select('id')
      .where(sql<boolean>`id = any (${numbers(ids)}::bigint[])`)
      .where('status', '<>', 'RUNNING')
      .execute();
    return rows.map((row) => row.id);
  }
}
