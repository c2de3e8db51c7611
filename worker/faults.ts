/** What an execution meets that nothing was prepared for, and what that says about it. */
import { isOfOtherSchema, isRetryable } from '../store/retryable-errors.ts';
import type { SuspectStore } from '../store/suspects.ts';
import type { Logger } from '../telemetry/log.ts';
import { NewerJournal } from './journal-version.ts';

/** How long an execution that met a fault is left alone: it would most likely meet it again. */
export const FAULT_REST_MS = 30_000;

/** The execution itself may be the reason, not the database or this worker's age. */
export function isSuspicious(error: unknown): boolean {
  return !isRetryable(error) && !isOfOtherSchema(error) && !(error instanceof NewerJournal);
}

/** Gives executions strikes for the faults that they meet. */
export class Faults {
  readonly #suspects: Pick<SuspectStore, 'strike'>;
  readonly #logger: Logger;

  constructor(suspects: Pick<SuspectStore, 'strike'>, logger: Logger) {
    this.#suspects = suspects;
    this.#logger = logger;
  }

  /** Never throws: a strike that is not counted now is counted next time. */
  async count(executionId: string, error: unknown): Promise<void> {
    if (!isSuspicious(error)) return;
    try {
      const outcome = await this.#suspects.strike(executionId, String(error));
      if (outcome === 'setAside') logSetAside(this.#logger, executionId);
    } catch (err) {
      this.#logger.warn({ err, executionId }, 'a strike could not be counted');
    }
  }
}

export function logSetAside(logger: Logger, executionId: string): void {
  logger.error(
    { executionId },
    'an execution is set aside: no worker runs it until it is retried (statehouse set-aside)',
  );
}
