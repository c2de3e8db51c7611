import type { SuspectStore } from '../../store/suspects.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Service } from './service.ts';

/** A process of its own that runs suspects, and ends by itself when there are none. */
export interface IsolatedProcess {
  /** Resolves when it is gone, with how it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Lets it end as a worker does that is told to stop. Resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Sees to it that there is a process for suspects as long as some are waiting. Every worker runs one; an installation's
 * suspects are shared by their processes.
 */
export class Isolation implements Service {
  readonly name = 'suspects';
  readonly paceMs = 1000;
  readonly #suspects: Pick<SuspectStore, 'areWaiting'>;
  readonly #start: () => IsolatedProcess;
  readonly #logger: Logger;
  #process: IsolatedProcess | undefined;
  #stopping = false;

  constructor(suspects: Pick<SuspectStore, 'areWaiting'>, start: () => IsolatedProcess, logger: Logger) {
    this.#suspects = suspects;
    this.#start = start;
    this.#logger = logger;
  }

  async runOnce(): Promise<'rest'> {
    if (this.#process === undefined && (await this.#suspects.areWaiting()) && !this.#stopping) this.#begin();
    return 'rest';
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#process?.stop();
  }

  #begin(): void {
    this.#logger.warn('suspects are run in a process of their own');
    const started = this.#start();
    this.#process = started;
    void started.ended.then(({ code, signal }) => {
      this.#process = undefined;
      if (code === 0) return;
      this.#logger.error({ code, signal }, 'a process of suspects died; what it ran gets another strike');
    });
  }
}
