import type { WorkerStore } from '../../store/worker.ts';
import type { Service } from './service.ts';

/**
 * Jobs that wait, at most, for executions to be woken: about what a worker handles between two runs. A backlog after an outage
 * must not come back as one wave of jobs, nor grow by jobs for what waits in it.
 */
const JOBS_MAX = 2000;
/** Behind a backlog; so those of quiet state machines need not wait until the backlog of a noisy one is gone. */
const BEGUN_MAX = 50;

/** Turns parked executions that are due into jobs. Every worker runs one; SKIP LOCKED keeps them apart. */
export function ticker(workers: Pick<WorkerStore, 'wakeDue'>): Service {
  return {
    name: 'ticker',
    paceMs: 500,
    runOnce: async () => ((await workers.wakeDue(JOBS_MAX, BEGUN_MAX)) === JOBS_MAX ? 'again' : 'rest'),
  };
}
