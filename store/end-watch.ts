/** Waiting for executions to end: a query now and then for those whose turn it is, only while somebody waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from '../telemetry/log.ts';
import { numbers } from './batch-columns.ts';
import type { Database } from './database.ts';

/**
 * An execution is looked at again when it has been waited for by an eighth longer than before: its end is seen late by an
 * eighth of the wait at most, a long wait costs few looks, and those that many wait for come together in a query.
 */
const PAUSE_SHARE = 1 / 8;
const PAUSE_MS_MIN = 1;
const PAUSE_MS_MAX = 100;
const ERROR_PAUSE_MS = 1000;

/** An execution that somebody waits for. */
interface Awaited {
  readonly since: number;
  lookAt: number;
  readonly waiters: Set<() => void>;
}

export class EndWatch {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #awaited = new Map<string, Awaited>();
  #pausing = new AbortController();
  #pausedUntil = 0;
  #polling: Promise<void> | undefined;

  constructor(database: Database, logger: Logger) {
    this.#database = database;
    this.#logger = logger;
  }

  /**
   * Resolves when the execution is closed, `timeoutMs` are over, or `signal` is aborted. Whoever asks has just seen it run:
   * it is not looked at at once.
   */
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
      this.#add(executionId, done);
    });
  }

  /** Lets all waiters go. */
  async close(): Promise<void> {
    for (const executionId of [...this.#awaited.keys()]) this.#release(executionId);
    this.#pausing.abort();
    await this.#polling;
  }

  #add(executionId: string, done: () => void): void {
    const awaited = this.#awaited.get(executionId);
    if (awaited) {
      awaited.waiters.add(done);
      return;
    }
    const since = performance.now();
    const lookAt = since + PAUSE_MS_MIN;
    this.#awaited.set(executionId, { since, lookAt, waiters: new Set([done]) });
    if (lookAt < this.#pausedUntil) this.#pausing.abort();
    this.#polling ??= this.#poll();
  }

  #remove(executionId: string, done: () => void): void {
    const awaited = this.#awaited.get(executionId);
    awaited?.waiters.delete(done);
    if (awaited?.waiters.size === 0) this.#awaited.delete(executionId);
  }

  #release(executionId: string): void {
    for (const done of [...(this.#awaited.get(executionId)?.waiters ?? [])]) done();
  }

  async #poll(): Promise<void> {
    while (this.#awaited.size > 0) {
      await this.#pause();
      try {
        for (const executionId of await this.#closed(this.#takeDue())) this.#release(executionId);
      } catch (error) {
        this.#logger.warn({ err: error }, 'cannot see which executions have ended, trying again');
        await sleep(ERROR_PAUSE_MS);
      }
    }
    this.#polling = undefined;
  }

  /** Until the first is to be looked at; ends early when one comes that is to be looked at before. */
  async #pause(): Promise<void> {
    let first = Number.POSITIVE_INFINITY;
    for (const { lookAt } of this.#awaited.values()) first = Math.min(first, lookAt);
    const pauseMs = first - performance.now();
    if (pauseMs <= 0) return;
    this.#pausing = new AbortController();
    this.#pausedUntil = first;
    await sleep(pauseMs, undefined, { signal: this.#pausing.signal }).catch(() => {});
    this.#pausedUntil = 0;
  }

  #takeDue(): string[] {
    const soon = performance.now() + PAUSE_MS_MIN;
    const due: string[] = [];
    for (const [executionId, awaited] of this.#awaited) {
      if (awaited.lookAt > soon) continue;
      const pauseMs = (soon - awaited.since) * PAUSE_SHARE;
      awaited.lookAt = soon + Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS_MIN, pauseMs));
      due.push(executionId);
    }
    return due;
  }

  /** Those of them that are not running (any more). */
  async #closed(executionIds: readonly string[]): Promise<string[]> {
    if (executionIds.length === 0) return [];
    const { rows } = await sql<{ id: string }>`
      select id from statehouse.executions
      where id = any (${numbers(executionIds)}::bigint[]) and stopped_at is not null`.execute(this.#database);
    return rows.map(({ id }) => id);
  }
}
