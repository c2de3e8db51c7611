import type { WorkerStore } from '../../store/worker.ts';
import type { Service } from './service.ts';

/**
 * Removes jobs that a runner has taken and will not come back with: it was killed, or has lost its connection. By now
 * their executions have long got others; graphile would keep these for four hours. A runner that is only slow goes
 * on with what it has taken.
 * @param timeoutMs after which a worker is taken for dead
 */
export function abandonedJobs(workers: Pick<WorkerStore, 'dropAbandonedJobs'>, timeoutMs: number): Service {
  const takenForMs = 3 * timeoutMs;
  return {
    name: 'abandonedJobs',
    paceMs: takenForMs,
    runOnce: async () => {
      await workers.dropAbandonedJobs(takenForMs);
      return 'rest';
    },
  };
}
