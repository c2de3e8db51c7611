/** What the failure of one branch does to the Parallel or Map around it. */
import { branchOf, childrenOf } from '../execution/branches.ts';
import type { Branch, BranchId } from '../execution/execution.ts';
import { type Step, Turn } from '../execution/step.ts';
import type { Failure } from '../failures/failure.ts';
import type { MapState, ParallelState } from '../machine/machine.ts';
import { failScope, handlingIn } from './failing.ts';

/**
 * A failure that nothing in the branch has handled. All that follows from it chains to the failing event: the
 * aborts of whatever is open, and the end or the retry of the state around the branch.
 */
export function failBranch(
  { step, branch }: Turn,
  parentId: BranchId,
  failure: Failure,
  failingEventId: number,
): void {
  const parent = branchOf(step.execution, parentId);
  const state = step.machine.allStates.get(parent.state) as ParallelState | MapState;
  abortChildren(step, state, parent, failingEventId, branch);
  const scope = new Turn(step, parent);
  scope.lastEventId = failingEventId;
  scopeFailed(scope, state, failure);
}

/** The failure is the Parallel's or the Map's own now: its Retry and Catch have their say. */
export function scopeFailed(turn: Turn, state: ParallelState | MapState, failure: Failure): void {
  const handling = handlingIn(turn, state, failure);
  if (handling.kind === 'retry') {
    const { retrier, until } = handling;
    turn.step.note('RetryScheduled', turn.branch.id, turn.lastEventId, { retrier, until });
  } else failScope(turn, state, handling, failure);
}

/** The failed branch first, then its open siblings by index. */
function abortChildren(
  step: Step,
  state: ParallelState | MapState,
  parent: Branch,
  causeId: number,
  failed: Branch,
): void {
  const siblings = childrenOf(step.execution, parent.id).filter(({ id }) => id !== failed.id);
  for (const child of [failed, ...siblings]) {
    if (state.type === 'Map') {
      const type = child === failed ? 'MapIterationFailed' : 'MapIterationAborted';
      step.append(type, child.id, causeId, { name: state.name, index: child.index }, {});
    }
    abort(step, child, causeId);
  }
}

/** Aborts what is open in a branch, innermost first. Only states that can wait have an event for it. */
function abort(step: Step, branch: Branch, causeId: number): void {
  const { activity } = branch;
  const state = step.machine.allStates.get(branch.state);
  for (const child of childrenOf(step.execution, branch.id)) {
    if (state?.type === 'Map')
      step.append('MapIterationAborted', child.id, causeId, { name: state.name, index: child.index }, {});
    abort(step, child, causeId);
  }
  if (activity.kind === 'task')
    step.effects.push({ kind: 'CancelTask', scheduledEventId: activity.scheduledEventId });
  if (activity.kind === 'entering' || activity.kind === 'ended') return;
  if (state?.type === 'Task') step.append('TaskStateAborted', branch.id, causeId, {}, {});
  else if (state?.type === 'Wait') step.append('WaitStateAborted', branch.id, causeId, {}, {});
  else if (activity.kind === 'parallel') step.append('ParallelStateAborted', branch.id, causeId, {}, {});
  else if (activity.kind === 'map') step.append('MapStateAborted', branch.id, causeId, {}, {});
}
