import type { SuspectStore } from '../../store/suspects.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Engine } from '../engine.ts';
import type { ExpressEngine } from '../express-engine.ts';
import type { Service } from './service.ts';
import { SharedRun } from './shared-run.ts';

/** An isolated process stays this long for more; starting one takes a second. */
const IDLE_MS = 10_000;

export interface SuspectsOptions {
  readonly suspects: Pick<SuspectStore, 'next'>;
  readonly engine: Pick<Engine, 'advance' | 'size'>;
  readonly express: Pick<ExpressEngine, 'claim' | 'whenIdle' | 'size'>;
  readonly clock: Clock;
  /** Of a process that is there for nothing else: called once nothing has been left to do for a while. */
  readonly finished: (() => void) | undefined;
}

/**
 * Runs suspects. The next one begins when the one before it has gone on by an append, which clears it, or is not alive here
 * any more: so if this process ends, it is plain whose fault it was.
 */
export class SuspectRuns implements Service {
  readonly name = 'suspects';
  readonly paceMs = 500;
  readonly #options: SuspectsOptions;
  readonly #runs = new SharedRun(() => this.#runAll());
  #current: { readonly executionId: string; readonly moved: () => void } | undefined;
  #busyAt: number;

  constructor(options: SuspectsOptions) {
    this.#options = options;
    this.#busyAt = options.clock.monotonic();
  }

  /** An execution has appended, or is not alive here any more. */
  moved(executionId: string): void {
    if (this.#current?.executionId === executionId) this.#current.moved();
  }

  async runOnce(): Promise<'rest'> {
    await this.#runs.run();
    return 'rest';
  }

  async #runAll(): Promise<void> {
    const { suspects, engine, express, clock, finished } = this.#options;
    let executionId = await suspects.next();
    if (executionId !== undefined || engine.size > 0) this.#busyAt = clock.monotonic();
    while (executionId !== undefined && (await this.#run(executionId))) executionId = await suspects.next();
    if (finished === undefined) return;
    await express.claim();
    if (express.size > 0) this.#busyAt = clock.monotonic();
    await express.whenIdle();
    if (clock.monotonic() - this.#busyAt > IDLE_MS) finished();
  }

  /** False: it could not be claimed. */
  async #run(executionId: string): Promise<boolean> {
    const moved = Promise.withResolvers<void>();
    this.#current = { executionId, moved: moved.resolve };
    const isClaimed = await this.#options.engine.advance(executionId);
    if (isClaimed) await moved.promise;
    this.#current = undefined;
    return isClaimed;
  }
}
