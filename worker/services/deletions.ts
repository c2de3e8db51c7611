import { abortedEvent, encodeEvents } from '../../runtime/index.ts';
import type { ExecutionStore } from '../../store/store.ts';
import type { Service } from './service.ts';

/** Executions ended in one run. */
const STOP_MAX = 100;

/**
 * Ends what still runs of state machines that are being deleted: as AWS does, they are aborted, and the machine goes
 * away with the last of them.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
 */
export function deletions(executions: Pick<ExecutionStore, 'deleting' | 'stop'>): Service {
  return {
    name: 'deletions',
    paceMs: 1000,
    runOnce: async () => {
      const running = await executions.deleting(STOP_MAX);
      for (const executionId of running) await executions.stop(executionId, ABORTED);
      return running.length === STOP_MAX ? 'again' : 'rest';
    },
  };
}

const ABORTED = {
  status: 'ABORTED',
  error: undefined,
  cause: undefined,
  body: (eventId: number, time: number) => encodeEvents([abortedEvent(eventId, time, {})]),
} as const;
