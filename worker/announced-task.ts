import {
  attemptTrace,
  decodeEvents,
  type Execution,
  type OpenTask,
  type TaskInvocation,
} from '../runtime/index.ts';
import type { ExecutionStore } from '../store/execution.ts';

/**
 * An open attempt as it was to be sent, out of its Scheduled event.
 * @throws Error when the journal has no such event
 */
export async function announcedTask(
  executions: Pick<ExecutionStore, 'journal'>,
  executionId: string,
  { identity }: Execution,
  { scheduledEventId, stateName, resource, token }: OpenTask,
): Promise<TaskInvocation> {
  const rows = await executions.journal(executionId, { from: scheduledEventId, to: scheduledEventId });
  const events = rows.flatMap(({ body, firstEventId }) => decodeEvents(body, firstEventId));
  const scheduled = events.find(({ id }) => id === scheduledEventId);
  if (scheduled?.type !== 'TaskScheduled' && scheduled?.type !== 'LambdaFunctionScheduled')
    throw new Error(`Event ${scheduledEventId} schedules no task`);
  return {
    scheduledEventId,
    executionArn: identity.executionArn,
    depth: identity.depth ?? 0,
    trace: attemptTrace(identity, scheduledEventId),
    stateName,
    resource,
    input: scheduled.type === 'TaskScheduled' ? scheduled.details.parameters : scheduled.details.input,
    roleArn: scheduled.details.taskCredentials?.roleArn,
    deadline: scheduled.private.deadline,
    token,
  };
}
