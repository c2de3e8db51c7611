/** Waiting for executions to end: a query now and then for those whose turn it is, only while somebody waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from '../telemetry/log.ts';
import { numbers } from './batch-columns.ts';
import type { Database } from './database.ts';
import type { ExecutionRecord } from './execution.ts';
import { RECORDS_MAX, type RecordRow, toRecord } from './execution-record.ts';

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
  readonly waiters: Set<Waiter>;
}

/** Gets what there is at the end, or nothing when it is not to wait any longer. */
type Waiter = (closed?: ExecutionRecord) => void;

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
   * Resolves when the execution is closed, with what it is then, or with nothing when `timeoutMs` are over or `signal` is
   * aborted. Whoever asks has just seen it run: it is not looked at at once.
   */
  wait(executionId: string, timeoutMs: number, signal?: AbortSignal): Promise<ExecutionRecord | undefined> {
    if (signal?.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const done: Waiter = (closed) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        this.#remove(executionId, done);
        resolve(closed);
      };
      const giveUp = (): void => done();
      const timer = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener('abort', giveUp);
      this.#add(executionId, done);
    });
  }

  /** Lets all waiters go. */
  async close(): Promise<void> {
    for (const executionId of [...this.#awaited.keys()]) this.#release(executionId);
    this.#pausing.abort();
    await this.#polling;
  }

  #add(executionId: string, done: Waiter): void {
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

  #remove(executionId: string, done: Waiter): void {
    const awaited = this.#awaited.get(executionId);
    awaited?.waiters.delete(done);
    if (awaited?.waiters.size === 0) this.#awaited.delete(executionId);
  }

  #release(executionId: string, closed?: ExecutionRecord): void {
    for (const done of [...(this.#awaited.get(executionId)?.waiters ?? [])]) done(closed);
  }

  async #poll(): Promise<void> {
    while (this.#awaited.size > 0) {
      await this.#pause();
      try {
        await this.#look(this.#takeDue());
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

  async #look(executionIds: readonly string[]): Promise<void> {
    if (executionIds.length === 0) return;
    const { rows } = await sql<RecordRow>`
      select * from statehouse.closed_executions(${numbers(executionIds)}, ${RECORDS_MAX})`.execute(
      this.#database,
    );
    for (const row of rows) this.#release(row.id, readable(row));
    if (rows.length === RECORDS_MAX) this.#lookAgain(executionIds);
  }

  /** There may be more that are closed. */
  #lookAgain(executionIds: readonly string[]): void {
    for (const executionId of executionIds) {
      const awaited = this.#awaited.get(executionId);
      if (awaited !== undefined) awaited.lookAt = awaited.since;
    }
  }
}

/** Undefined: this program cannot read it. Whoever waits for it is let go and finds out why; others wait on. */
function readable(row: RecordRow): ExecutionRecord | undefined {
  try {
    return toRecord(row);
  } catch {
    return undefined;
  }
}
