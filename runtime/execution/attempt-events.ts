/** What becomes of a task attempt; used by evolve alone. */
import { attemptOf, branchOf, chain } from './branches.ts';
import type { JournalEventOf } from './event.ts';
import type { BranchId, Execution } from './execution.ts';

export function scheduled(
  execution: Execution,
  event: {
    branch: BranchId;
    id: number;
    timestamp: number;
    details: { timeoutInSeconds?: number };
    private: { deadline?: number; heartbeatSeconds?: number; token?: string };
  },
): void {
  const { deadline, heartbeatSeconds, token } = event.private;
  chain(execution, event).activity = {
    kind: 'task',
    scheduledEventId: event.id,
    scheduledTime: event.timestamp,
    startedTime: undefined,
    submittedTime: undefined,
    phase: 'scheduled',
    timeoutSeconds: event.details.timeoutInSeconds,
    deadline,
    heartbeatSeconds,
    heartbeatDeadline: heartbeatSeconds === undefined ? undefined : event.timestamp + heartbeatSeconds * 1000,
    token,
    callback: undefined,
  };
}

export function started(
  execution: Execution,
  event: { branch: BranchId; id: number; timestamp: number },
): void {
  const attempt = attemptOf(chain(execution, event));
  attempt.phase = 'started';
  attempt.startedTime = event.timestamp;
}

export function succeeded(execution: Execution, event: { branch: BranchId; id: number }): void {
  attemptOf(chain(execution, event)).phase = 'succeeded';
}

/** Its clocks start anew. */
export function activityStarted(execution: Execution, event: JournalEventOf<'ActivityStarted'>): void {
  started(execution, event);
  const attempt = attemptOf(branchOf(execution, event.branch));
  attempt.deadline = event.private.deadline;
  attempt.heartbeatDeadline = event.private.heartbeatDeadline;
}

export function submitted(execution: Execution, event: JournalEventOf<'TaskSubmitted'>): void {
  const attempt = attemptOf(chain(execution, event));
  attempt.phase = 'submitted';
  attempt.submittedTime = event.timestamp;
}

export function heartbeatReceived(execution: Execution, event: JournalEventOf<'HeartbeatReceived'>): void {
  const attempt = attemptOf(branchOf(execution, event.branch));
  if (attempt.heartbeatSeconds !== undefined)
    attempt.heartbeatDeadline = event.timestamp + attempt.heartbeatSeconds * 1000;
}

export function callbackReceived(execution: Execution, event: JournalEventOf<'CallbackReceived'>): void {
  attemptOf(branchOf(execution, event.branch)).callback = event.private;
}
