/**
 * What a redrive makes of a closed execution. States that have succeeded stay as they are, and none is entered again:
 * a state that was under way does its work again, and what it writes chains to its StateEntered event.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
import { States } from '../failures/failure.ts';
import { makeReady } from './branches.ts';
import type { JournalEventOf } from './event.ts';
import type { Activity, Branch, Execution, FailedState } from './execution.ts';

/** Applies ExecutionRedriven: all branches that were open when the execution ended go on. */
export function redrive(execution: Execution, event: JournalEventOf<'ExecutionRedriven'>): void {
  execution.status = 'RUNNING';
  execution.failure = undefined;
  execution.deadline = event.private.deadline;
  execution.redrive = { count: event.details.redriveCount, time: event.timestamp, eventId: event.id };
  // Aborted branches that come back are visited as well: they follow their parents.
  for (const branch of execution.branches.values()) {
    if (branch.retries.length > 0) branch.retries = [];
    resume(execution, branch);
    if (canProceed(branch.activity)) makeReady(execution, branch.id);
  }
}

function resume(execution: Execution, branch: Branch): void {
  const { activity, enteredEventId } = branch;
  const { kind } = activity;
  if (kind === 'failed') recover(execution, branch, activity);
  else if (kind === 'task' || kind === 'retrying' || (kind === 'entering' && enteredEventId > 0))
    beginAnew(branch);
}

/** Lets a failed state go on where it was; one that failed because of too much data begins anew. */
function recover(execution: Execution, branch: Branch, state: FailedState): void {
  const { failure, eventId, interrupted, aborted } = state;
  if (eventId === branch.enteredEventId) return; // a Fail state: it fails again
  if (interrupted === undefined || failure.error === States.DataLimitExceeded) {
    beginAnew(branch);
    return;
  }
  branch.activity = interrupted;
  branch.lastEventId = branch.enteredEventId;
  for (const open of aborted) execution.branches.set(open.id, open);
}

function beginAnew(branch: Branch): void {
  branch.activity = REDRIVEN;
  branch.lastEventId = branch.enteredEventId;
}

const REDRIVEN = { kind: 'redriven' } as const;

/** Whether a branch can go on without any news from outside. */
function canProceed(activity: Activity): boolean {
  if (activity.kind === 'waiting') return false;
  if (activity.kind === 'parallel') return activity.open === 0;
  if (activity.kind !== 'map') return true;
  const { started, length, open, concurrency } = activity;
  return started < length ? open < concurrency : open === 0;
}
