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

/** In an outage every service fails, and each several times a second: that is said again only so often. */
const REPEATED_MS = 30_000;

/**
 * Runs a service until it is stopped. A run that throws is logged, though not as often as it fails in the same way, and the
 * next one follows at its pace: what a service looks after is looked after again next time.
 * @returns stops it, and resolves when the run under way is over
 */
export function runService(service: Service, clock: Clock, logger: Logger): () => Promise<void> {
  const stopping = new AbortController();
  let failure: { readonly reason: string; readonly saidAt: number } | undefined;
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
      const answer = await service.runOnce();
      if (failure !== undefined) logger.info({ service: service.name }, 'service runs again');
      failure = undefined;
      return answer;
    } catch (error) {
      say(error);
      return 'rest';
    }
  }

  function say(error: unknown): void {
    const reason = String(error);
    const now = clock.monotonic();
    if (reason === failure?.reason && now - failure.saidAt < REPEATED_MS) return;
    failure = { reason, saidAt: now };
    logger.warn({ service: service.name, err: error }, 'service failed; it will run again');
  }
}
