import type { Integrations } from '../integrations/registry.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { ExecutionWatcher } from '../telemetry/execution-watch.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ExpressWorld } from './express-execution.ts';
import { drawMoment } from './moment.ts';

/** What a process gives the Express executions in it. */
export interface Surroundings {
  readonly integrations: Pick<Integrations, 'find'>;
  readonly watcher: ExecutionWatcher;
  readonly clock: Clock;
  /** The database's time, ms since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** What an Express execution sees of the process that it runs in. */
export function expressWorld({ integrations, watcher, clock, now, logger }: Surroundings): ExpressWorld {
  return {
    integrations,
    watcher,
    logger,
    now,
    after: (delayMs, run) => clock.after(delayMs, run),
    moment: drawMoment,
  };
}
