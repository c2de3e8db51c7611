import type { ExecutionStops } from '../../integrations/states/execution-stops.ts';
import type { ExecutionStore } from '../../store/execution.ts';
import type { Service } from './service.ts';

/** Executions ended in one run. */
const STOP_MAX = 100;

/**
 * Ends what still runs of state machines that are being deleted: as AWS does, they are aborted, and the machine goes
 * away with the last of them.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
 */
export function deletions(
  executions: Pick<ExecutionStore, 'deleting'>,
  stops: Pick<ExecutionStops, 'stop'>,
): Service {
  return {
    name: 'deletions',
    paceMs: 1000,
    runOnce: async () => {
      const running = await executions.deleting(STOP_MAX);
      for (const executionId of running) await stops.stop(executionId, {});
      return running.length === STOP_MAX ? 'again' : 'rest';
    },
  };
}
