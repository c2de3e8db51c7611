import type { WorkerStore } from '../../store/worker.ts';
import type { Service } from './service.ts';

/** Longer than the store sends a signal again, and than its last attempt may take. */
const SENT_FOR_MS = 5 * 60_000;

/** Removes what is known of answers of tasks for the sake of those who might send them again. */
export function sentSignals(workers: Pick<WorkerStore, 'forgetSignals'>): Service {
  return {
    name: 'sent signals',
    paceMs: 60_000,
    runOnce: async () => {
      await workers.forgetSignals(SENT_FOR_MS);
      return 'rest';
    },
  };
}
