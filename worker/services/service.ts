import { type Clock, pause } from '../../telemetry/clock.ts';
import type { Logger } from '../../telemetry/log.ts';

/** Work that comes round again and again. Tests call {@link runOnce}; {@link runService} only paces it. */
export interface Service {
  readonly name: string;
  /** From the end of one run to the start of the next. */
  readonly paceMs: number;
  /** `again`: there was more to do than one run may do; the next follows at once. */
  runOnce(): Promise<'again' | 'rest'>;
}

/**
 * Runs a service until it is stopped. A run that throws is logged, and the next one follows at its pace: what
 * a service looks after is looked after again next time.
 * @returns stops it, and resolves when the run under way is over
 */
export function runService(service: Service, clock: Clock, logger: Logger): () => Promise<void> {
  const stopping = new AbortController();
  const ended = keepRunning();
  return () => {
    stopping.abort();
    return ended;
  };

  async function keepRunning(): Promise<void> {
    while (!stopping.signal.aborted) {
      if ((await runLogged()) === 'rest') await pause(clock, service.paceMs, stopping.signal);
    }
  }

  async function runLogged(): Promise<'again' | 'rest'> {
    try {
      return await service.runOnce();
    } catch (error) {
      logger.warn({ service: service.name, err: error }, 'service failed; it will run again');
      return 'rest';
    }
  }
}
