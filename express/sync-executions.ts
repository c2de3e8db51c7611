import {
  type ExpressOutcome,
  type ExpressStart,
  type ExpressWorld,
  runExpress,
} from './express-execution.ts';
import { expressWorld, type Surroundings } from './express-world.ts';

/** Executions alive in this process, at most: what each holds in memory is bounded by the payload limit. */
const EXECUTIONS_MAX = 1000;

export interface SyncExecutionsOptions extends Surroundings {
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

  constructor({ executionsMax = EXECUTIONS_MAX, ...surroundings }: SyncExecutionsOptions) {
    this.#executionsMax = executionsMax;
    this.#world = expressWorld(surroundings);
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
