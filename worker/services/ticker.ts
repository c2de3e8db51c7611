import type { WorkerStore } from '../../store/worker.ts';
import type { Service } from './service.ts';

/** Executions are woken while fewer jobs wait: a backlog after an outage must not come back as one wave of jobs. */
const JOBS_MAX = 1000;
/** Likewise, of a saturated worker: few enough to be handled until the next run, whatever else there is. */
const WAKE_SATURATED_MAX = 50;

/**
 * Turns parked executions that are due into jobs. Every worker runs one; SKIP LOCKED keeps them apart.
 * @param isSaturated true while this worker has more jobs than it can handle: an execution whose job is not
 * handled soon gets another one, so waking faster than claiming would make jobs without end. Then only a few are woken, so
 * that those of quiet state machines need not wait until the backlog of a noisy one is gone
 */
export function ticker(
  workers: Pick<WorkerStore, 'wakeDue' | 'wakeBegun'>,
  isSaturated: () => boolean,
): Service {
  return {
    name: 'ticker',
    paceMs: 500,
    runOnce: async () => {
      if (isSaturated()) {
        await workers.wakeBegun(WAKE_SATURATED_MAX);
        return 'rest';
      }
      return (await workers.wakeDue(JOBS_MAX)) === JOBS_MAX ? 'again' : 'rest';
    },
  };
}
