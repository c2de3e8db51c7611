import type { ExpressOutcome, ExpressWorld } from '../express/express-execution.ts';
import { runExpress } from '../express/express-execution.ts';
import { expressWorld, type Surroundings } from '../express/express-world.ts';
import { recordAbortion } from '../express/recorded-abortion.ts';
import type { Machines } from '../integrations/states/machines.ts';
import { decodeEvents, type JournalEventOf } from '../runtime/index.ts';
import type { ClaimedExpress, ExpressStore } from '../store/express-execution.ts';
import { isRetryable } from '../store/retryable-errors.ts';
import { pause } from '../telemetry/clock.ts';
import { FAULT_REST_MS, isSuspicious } from './faults.ts';
import { requireReadable } from './journal-version.ts';
import type { Membership } from './membership.ts';
import type { Service } from './services/service.ts';

export interface ExpressEngineOptions extends Surroundings {
  readonly express: ExpressStore;
  readonly machines: Machines;
  readonly membership: Pick<Membership, 'workerId' | 'isCurrent'>;
  /** Executions alive at a time. */
  readonly executionsMax: number;
}

/** Executions claimed at a time: each may bring a quarter of a megabyte, and other workers want some too. */
const CLAIM_MAX = 100;

/** Why an execution is ended that nobody can run. */
const GIVEN_UP = {
  error: 'States.Runtime',
  cause: 'The execution was given up: each worker that ran it died, or met a fault.',
};

/** For how long a call that broke off is looked after: its connection ends, and with it what it would still do. */
const STRAYS_MS = 60_000;

/**
 * Runs asynchronous Express executions, each in memory from its beginning to its end; only then its row goes. So an
 * execution whose worker dies runs again, from its beginning, at another one.
 */
export class ExpressEngine implements Service {
  readonly name = 'express';
  readonly paceMs = 1000;
  readonly #options: ExpressEngineOptions;
  readonly #world: ExpressWorld;
  readonly #live = new Map<string, AbortController>();
  #claiming: Promise<void> | undefined;
  /** Until when a call that was not answered may leave rows to us without our knowing, by the monotonic clock. */
  #straysUntil = Number.NEGATIVE_INFINITY;
  #claimAgain = false;
  #draining = false;
  #emptied: (() => void)[] = [];

  constructor(options: ExpressEngineOptions) {
    this.#options = options;
    this.#world = expressWorld(options);
  }

  /** Executions alive. */
  get size(): number {
    return this.#live.size;
  }

  async runOnce(): Promise<'rest'> {
    await this.claim();
    return 'rest';
  }

  /**
   * Claims what there is and there is room for. Who asks while a claim is under way gets another one after it.
   * @throws what the database throws
   */
  claim(): Promise<void> {
    this.#claimAgain = true;
    this.#claiming ??= this.#claimAll().finally(() => {
      this.#claiming = undefined;
    });
    return this.#claiming;
  }

  /** Resolves when none is alive, nor being claimed. */
  async whenIdle(): Promise<void> {
    while (this.#claiming !== undefined || this.#live.size > 0) {
      await this.#claiming?.catch(() => {});
      if (this.#live.size > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
    }
  }

  /** Lets what runs end within `graceMs`; what does not is aborted, and will run again elsewhere. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    await this.#claiming?.catch(() => {});
    const empty = new AbortController();
    this.#emptied.push(() => empty.abort());
    if (this.#live.size > 0) await pause(this.#options.clock, graceMs, empty.signal);
    this.dropAll();
  }

  /** The rows are somebody else's now, or will be. */
  dropAll(): void {
    for (const controller of this.#live.values()) controller.abort();
  }

  async #claimAll(): Promise<void> {
    while (this.#claimAgain && this.#mayClaim()) {
      this.#claimAgain = false;
      const limit = Math.min(CLAIM_MAX, this.#options.executionsMax - this.#live.size);
      const claimed = await this.#claimUpTo(limit);
      for (const execution of claimed) void this.#run(execution);
      if (claimed.length >= limit) this.#claimAgain = true;
    }
  }

  #mayClaim(): boolean {
    const { membership, executionsMax } = this.#options;
    return !this.#draining && membership.isCurrent() && this.#live.size < executionsMax;
  }

  async #claimUpTo(limit: number): Promise<ClaimedExpress[]> {
    const { express, membership, clock } = this.#options;
    const strays = clock.monotonic() < this.#straysUntil ? await this.#findStrays() : [];
    try {
      return [...strays, ...(await express.claim(membership.workerId, limit))];
    } catch (error) {
      if (!isRetryable(error)) throw error;
      this.#expectStrays();
      if (strays.length > 0) return strays;
      throw error;
    }
  }

  #expectStrays(): void {
    this.#straysUntil = this.#options.clock.monotonic() + STRAYS_MS;
  }

  /** Rows that are ours without our knowing, because a claim was not answered, or that could not be given back. */
  async #findStrays(): Promise<ClaimedExpress[]> {
    const { express, membership } = this.#options;
    // What ends while they are read was ours before, or is when they have come.
    const known = new Set(this.#live.keys());
    const owned = await express.owned(membership.workerId);
    return owned.filter(({ id }) => !known.has(id) && !this.#live.has(id));
  }

  async #run(claimed: ClaimedExpress): Promise<void> {
    const { express, membership, logger } = this.#options;
    const { workerId } = membership;
    const { id } = claimed;
    const aborted = new AbortController();
    this.#live.set(id, aborted);
    try {
      if (claimed.isGivenUp) await this.#giveUp(claimed);
      else await this.#runToEnd(claimed, aborted.signal);
      if (!aborted.signal.aborted) await express.finish(id, workerId);
    } catch (error) {
      logger.error({ err: error, id }, 'an Express execution met a fault; it is left to rest');
      const strikes = isSuspicious(error) ? 1 : 0;
      await express.rest(id, workerId, FAULT_REST_MS, strikes).catch(() => this.#expectStrays());
    } finally {
      this.#left(id);
    }
  }

  async #runToEnd({ revisionRowId, body }: ClaimedExpress, signal: AbortSignal): Promise<ExpressOutcome> {
    const started = readStarted(body);
    const revision = await this.#options.machines.get(revisionRowId);
    return runExpress({ revision, started }, this.#world, { signal });
  }

  async #giveUp({ id, revisionRowId, body }: ClaimedExpress): Promise<void> {
    const { machines, logger } = this.#options;
    const started = readStarted(body);
    const { executionArn } = started.private.identity;
    logger.error({ id, executionArn }, 'an Express execution is given up: each worker that ran it died');
    recordAbortion({ revision: await machines.get(revisionRowId), started }, this.#world, GIVEN_UP);
  }

  #left(id: string): void {
    const wasFull = this.#live.size === this.#options.executionsMax;
    this.#live.delete(id);
    if (this.#live.size === 0) for (const emptied of this.#emptied.splice(0)) emptied();
    if (wasFull) this.claim().catch((error: unknown) => this.#claimFailed(error));
  }

  #claimFailed(error: unknown): void {
    this.#options.logger.warn({ err: error }, 'Express executions could not be claimed');
  }
}

/** @throws NewerJournal; Error when it is not well-formed */
function readStarted(body: string): JournalEventOf<'ExecutionStarted'> {
  const [started] = decodeEvents(body, 1);
  if (started?.type !== 'ExecutionStarted') throw new Error('An execution begins with ExecutionStarted');
  requireReadable(started.private.version);
  return started;
}
