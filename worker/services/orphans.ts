import type { ExecutionStops } from '../../integrations/states/execution-stops.ts';
import { executionArn } from '../../runtime/execution/arn.ts';
import type { ExecutionStore, Orphan } from '../../store/execution.ts';
import type { Service } from './service.ts';
import { SharedRun } from './shared-run.ts';

/** Executions looked up at a time. */
const STOP_MAX = 100;

/**
 * Stops executions that were started by a task which does not wait for them any more; as AWS does for `.sync` tasks.
 * Their own children are orphans then, and stopped in turn. The database's news of orphans start a run at once.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
 */
export function orphans(
  executions: Pick<ExecutionStore, 'orphans'>,
  stops: Pick<ExecutionStops, 'stop'>,
): Service {
  const stopping = new SharedRun(async () => {
    for (;;) {
      const found = await executions.orphans(STOP_MAX);
      if (found.length === 0) return;
      for (const orphan of found) await stops.stop(orphan.executionId, { cause: causeOf(orphan) });
    }
  });
  return {
    name: 'orphans',
    paceMs: 1000,
    runOnce: async () => {
      await stopping.run();
      return 'rest';
    },
  };
}

function causeOf({ parent: { place, stateMachineName, name, status } }: Orphan): string {
  const parent = executionArn(place, stateMachineName, name);
  return status === 'RUNNING'
    ? `The task that waited for this execution timed out or was aborted: a task of ${parent}`
    : `The execution that waited for this one has ended as ${status}: ${parent}`;
}
