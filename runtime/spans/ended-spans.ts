/**
 * The spans that end with an event. What is open is nothing but the state of the execution, so it does not matter
 * which process has seen the beginning of a span.
 */
import { branchOf } from '../execution/branches.ts';
import type { JournalEvent, JournalEventOf } from '../execution/event.ts';
import type { Branch, BranchId, Execution, ExecutionStatus } from '../execution/execution.ts';
import type { Failure } from '../failures/failure.ts';
import type { Machine } from '../machine/machine.ts';
import type { ExecutionSpan, SpanOutcome } from './execution-span.ts';
import { type Ending, OpenSpans } from './open-spans.ts';
import { isInState } from './span-ids.ts';

const SUCCEEDED: Ending = { outcome: 'succeeded', failure: undefined };
const ABORTED: Ending = { outcome: 'aborted', failure: undefined };

/**
 * Answers the spans that an event ends, those within others first.
 * @param execution as it is before the event
 */
export function endedSpans(machine: Machine, execution: Execution, event: JournalEvent): ExecutionSpan[] {
  const open = new OpenSpans(machine, execution, event.timestamp);
  switch (event.type) {
    case 'PassStateExited':
    case 'TaskStateExited':
    case 'ChoiceStateExited':
    case 'WaitStateExited':
    case 'SucceedStateExited':
    case 'ParallelStateExited':
    case 'MapStateExited':
      return [open.state(branchOf(execution, event.branch), leaving(branchOf(execution, event.branch)))];

    case 'LambdaFunctionSucceeded':
    case 'ActivitySucceeded':
    case 'TaskSucceeded':
      return open.attempt(branchOf(execution, event.branch), SUCCEEDED, event.details.output);

    case 'LambdaFunctionFailed':
    case 'LambdaFunctionScheduleFailed':
    case 'LambdaFunctionStartFailed':
    case 'ActivityFailed':
    case 'ActivityScheduleFailed':
    case 'TaskFailed':
    case 'TaskStartFailed':
    case 'TaskSubmitFailed':
      return open.attempt(branchOf(execution, event.branch), failing('failed', event.details));
    case 'LambdaFunctionTimedOut':
    case 'ActivityTimedOut':
    case 'TaskTimedOut':
      return open.attempt(branchOf(execution, event.branch), failing('timed-out', event.details));

    case 'LambdaFunctionScheduled':
    case 'ActivityScheduled':
    case 'TaskScheduled':
    case 'ParallelStateStarted':
    case 'MapStateStarted':
      return open.retryWait(branchOf(execution, event.branch), SUCCEEDED);
    case 'EvaluationFailed':
      // Else the state's own Failed event follows.
      return event.private.handling === undefined ? [] : interrupted(open, execution, event.branch);
    case 'ParallelStateFailed':
    case 'MapStateFailed':
    case 'RetryScheduled':
      return interrupted(open, execution, event.branch);

    case 'MapIterationSucceeded':
      return open.iteration(branchOf(execution, event.branch), SUCCEEDED);

    case 'ExecutionSucceeded':
      return [open.run('SUCCEEDED', SUCCEEDED)];
    case 'ExecutionFailed':
      return [...atFailure(open, execution, event), open.run('FAILED', failing('failed', event.details))];
    case 'ExecutionAborted':
      return ended(open, execution, 'ABORTED', failing('aborted', event.details));
    case 'ExecutionTimedOut':
      return ended(open, execution, 'TIMED_OUT', failing('timed-out', event.details));
    default:
      return [];
  }
}

function failing(outcome: SpanOutcome, { error, cause }: Failure): Ending {
  return { outcome, failure: { error, cause } };
}

/** A state that has failed is left through its Catch. */
function leaving({ activity }: Branch): Ending {
  return activity.kind === 'failed' ? { outcome: 'caught', failure: activity.failure } : SUCCEEDED;
}

/**
 * A state has failed, and stays: with all that is open within it. Where a branch of a Parallel or Map has failed, the
 * others are aborted.
 */
function interrupted(open: OpenSpans, execution: Execution, id: BranchId): ExecutionSpan[] {
  const inside = new Set([id]);
  const branches = [...execution.branches.values()].filter((branch) => {
    if (branch.parent === undefined || !inside.has(branch.parent)) return false;
    inside.add(branch.id);
    return true;
  });
  return [
    ...innermostFirst(branches).flatMap((branch) => open.branch(branch, ownFailure(branch))),
    ...open.retryWait(branchOf(execution, id), SUCCEEDED),
  ];
}

/** The branch whose failure ends the execution, and those around it, have failed with it; the others are aborted. */
function atFailure(
  open: OpenSpans,
  execution: Execution,
  event: JournalEventOf<'ExecutionFailed'>,
): ExecutionSpan[] {
  const failed = new Set<Branch>();
  for (let branch = failedBranch(execution, event); branch !== undefined; ) {
    failed.add(branch);
    branch = branch.parent === undefined ? undefined : branchOf(execution, branch.parent);
  }
  return innermostFirst([...execution.branches.values()]).flatMap((branch) =>
    open.branch(branch, failed.has(branch) ? failing('failed', event.details) : ownFailure(branch)),
  );
}

/** The end chains to what the branch wrote last. Right after a redrive that may be nothing: then it is in turn. */
function failedBranch(
  { branches, ready }: Execution,
  { previousEventId }: JournalEventOf<'ExecutionFailed'>,
): Branch | undefined {
  for (const branch of branches.values())
    if (isInState(branch) && branch.lastEventId === previousEventId) return branch;
  const first = branches.get(ready[0] ?? 0);
  return first?.activity.kind === 'redriven' ? first : undefined;
}

function ended(
  open: OpenSpans,
  execution: Execution,
  status: Exclude<ExecutionStatus, 'RUNNING'>,
  ending: Ending,
): ExecutionSpan[] {
  const branches = innermostFirst([...execution.branches.values()]);
  return [...branches.flatMap((branch) => open.branch(branch, ownFailure(branch))), open.run(status, ending)];
}

function ownFailure({ activity }: Branch): Ending {
  return activity.kind === 'failed' ? failing('failed', activity.failure) : ABORTED;
}

/** A branch stands after its parent. */
function innermostFirst(branches: readonly Branch[]): Branch[] {
  return branches.toReversed();
}
