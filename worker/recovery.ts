/** What becomes of the task attempts that a previous owner left behind (docs/architecture.md §3). */
import { isRepeatable, type TaskIntegration } from '../integrations/integration.ts';
import { States } from '../runtime/failures/failure.ts';
import {
  type Execution,
  type Failure,
  type Machine,
  type OpenTask,
  openTasks,
  type Trigger,
} from '../runtime/index.ts';
import type { TaskResource } from '../runtime/machine/resource.ts';

export interface Integrations {
  /** The one that serves the resource; undefined: none does. */
  find(resource: TaskResource): TaskIntegration | undefined;
}

/**
 * The failures of attempts that were sent, or were about to be, and whose outcome nobody can learn any more. Such
 * an attempt is never sent again, unless its definition says that it may be. An attempt that has been submitted waits on
 * for its job or token, and that of an activity for its worker: nothing was sent.
 */
export function lostAttempts(machine: Machine, execution: Execution, integrations: Integrations): Trigger[] {
  return openTasks(machine, execution).flatMap((task): Trigger[] => {
    const { phase, resource, scheduledEventId } = task;
    if (phase !== 'started' || resource.kind === 'activity') return [];
    const integration = integrations.find(resource);
    if (integration !== undefined && (integration.recovery !== 'unknown' || mayRerun(task))) return [];
    return [{ kind: 'TaskFailed', scheduledEventId, failure: lostFailure(resource, integrations) }];
  });
}

/** One whose token was answered has been done: it is not asked for again. */
function mayRerun({ rerunsWhenLost, isAnswered }: OpenTask): boolean {
  return rerunsWhenLost && !isAnswered;
}

/** Attempts that are announced, and are made until their result is in the journal. */
export function openRepeatableTasks(
  machine: Machine,
  execution: Execution,
  integrations: Integrations,
): OpenTask[] {
  return openTasks(machine, execution).filter((task) => {
    const { phase, resource } = task;
    if (phase !== 'started' || resource.kind === 'activity') return false;
    const integration = integrations.find(resource);
    if (integration === undefined) return false;
    return isRepeatable(integration) || (integration.recovery === 'unknown' && mayRerun(task));
  });
}

/** What an attempt fails with whose call this worker gives up. */
export function lostFailure(resource: TaskResource, integrations: Integrations): Failure {
  const lost = {
    error: States.TaskFailed,
    cause: 'The worker that ran this task is gone; its outcome is unknown.',
  };
  return integrations.find(resource)?.lost(resource) ?? lost;
}
