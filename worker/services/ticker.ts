import type { WorkerStore } from '../../store/store.ts';
import type { Service } from './service.ts';

/** Executions woken in one run: a backlog after an outage must not come back as one wave of jobs. */
const WAKE_MAX = 1000;

/**
 * Turns parked executions that are due into jobs. Every worker runs one; SKIP LOCKED keeps them apart.
 * @param isSaturated true while this worker has more jobs than it can handle: an execution whose job is not
 * handled soon gets another one, so waking faster than claiming would make jobs without end
 */
export function ticker(workers: Pick<WorkerStore, 'wakeDue'>, isSaturated: () => boolean): Service {
  return {
    name: 'ticker',
    paceMs: 500,
    runOnce: async () =>
      !isSaturated() && (await workers.wakeDue(WAKE_MAX)) === WAKE_MAX ? 'again' : 'rest',
  };
}
