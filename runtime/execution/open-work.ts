/** What an execution waits for: asked by whoever owns it, to know when to come back and what was under way. */
import type { Machine } from '../machine/machine.ts';
import type { TaskResource } from '../machine/resource.ts';
import type { Branch, Execution, TaskAttempt } from './execution.ts';

/** An attempt that has been sent, or was about to be, and has no result yet. */
export interface OpenTask {
  readonly scheduledEventId: number;
  readonly stateName: string;
  readonly phase: Exclude<TaskAttempt['phase'], 'succeeded'>;
  readonly resource: TaskResource;
  readonly token: string | undefined;
  /** Its token was answered, or its job has ended; the call's own return is still awaited. */
  readonly isAnswered: boolean;
  /** It may be made again if its worker has died. */
  readonly rerunsWhenLost: boolean;
  /** When its timeout or heartbeat is due (ms since 1970). */
  readonly deadline: number | undefined;
}

/** Attempts without a result, in the order of their branches; none in a closed execution. */
export function openTasks(machine: Machine, execution: Execution): OpenTask[] {
  if (execution.status !== 'RUNNING') return [];
  return [...execution.branches.values()].flatMap((branch) => {
    const state = machine.allStates.get(branch.state);
    if (branch.activity.kind !== 'task' || state?.type !== 'Task') return [];
    const { scheduledEventId, phase, token, callback } = branch.activity;
    if (phase === 'succeeded') return [];
    return [
      {
        scheduledEventId,
        stateName: state.name,
        phase,
        resource: state.resource,
        token,
        isAnswered: callback !== undefined,
        rerunsWhenLost: state.rerunsWhenLost,
        deadline: deadlineOf(branch),
      },
    ];
  });
}

/** The earliest time at which something is due without any news (ms since 1970); undefined: never. */
export function nextDeadline(execution: Execution): number | undefined {
  if (execution.status !== 'RUNNING') return undefined;
  let earliest = execution.deadline;
  for (const branch of execution.branches.values()) {
    const due = deadlineOf(branch);
    if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
  }
  return earliest;
}

/** When the branch's own wait, retry delay, timeout or heartbeat is due. */
export function deadlineOf(branch: Branch): number | undefined {
  const { activity } = branch;
  if (activity.kind === 'waiting' || activity.kind === 'retrying') return activity.until;
  if (activity.kind !== 'task') return undefined;
  const { deadline, heartbeatDeadline } = activity;
  if (deadline === undefined || heartbeatDeadline === undefined) return deadline ?? heartbeatDeadline;
  return Math.min(deadline, heartbeatDeadline);
}
