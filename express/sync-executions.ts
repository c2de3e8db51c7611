import type { Integrations } from '../integrations/registry.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { ExecutionWatcher } from '../telemetry/execution-watch.ts';
import type { Logger } from '../telemetry/log.ts';
import {
  type ExpressOutcome,
  type ExpressStart,
  type ExpressWorld,
  runExpress,
} from './express-execution.ts';
import { drawMoment } from './moment.ts';

/** Executions alive in this process, at most: what each holds in memory is bounded by the payload limit. */
const EXECUTIONS_MAX = 1000;

export interface SyncExecutionsOptions {
  readonly integrations: Pick<Integrations, 'find'>;
  readonly watcher: ExecutionWatcher;
  readonly logger: Logger;
  readonly clock: Clock;
  /** ms since 1970. */
  readonly now: () => number;
  readonly executionsMax?: number | undefined;
}

/**
 * Synchronous Express executions: they run in the process that was asked for them, at most once, and nothing of them is
 * stored.
 */
export class SyncExecutions {
  readonly #world: ExpressWorld;
  readonly #executionsMax: number;
  #alive = 0;

  constructor({
    integrations,
    watcher,
    logger,
    clock,
    now,
    executionsMax = EXECUTIONS_MAX,
  }: SyncExecutionsOptions) {
    this.#executionsMax = executionsMax;
    this.#world = {
      integrations,
      watcher,
      logger,
      now,
      after: (delayMs, run) => clock.after(delayMs, run),
      moment: drawMoment,
    };
  }

  /** Executions alive. */
  get alive(): number {
    return this.#alive;
  }

  /**
   * @param gone ends the execution: nobody waits for its result any more
   * @returns undefined: it has not been started, because too many are alive
   */
  async run(start: ExpressStart, gone: AbortSignal): Promise<ExpressOutcome | undefined> {
    if (this.#alive >= this.#executionsMax) return undefined;
    this.#alive++;
    try {
      return await runExpress(start, this.#world, { signal: gone, isOverWhenStopped: true });
    } finally {
      this.#alive--;
    }
  }
}
