/** What a failure does to the branch that it happened in; used by evolve alone. */
import { type Failure, States } from '../failures/failure.ts';
import { branchOf, chain, makeReady, removeWithin, unready } from './branches.ts';
import type { JournalEventOf } from './event.ts';
import type { Branch, BranchId, Execution, FailedState, Handling } from './execution.ts';

interface FailingEvent {
  readonly id: number;
  readonly timestamp: number;
}

/** An attempt of a Task has failed. */
export function handled(
  execution: Execution,
  event: FailingEvent & { branch: BranchId; details: Failure; private: { handling: Handling } },
): void {
  const { error, cause } = event.details;
  handle(execution, chain(execution, event), event.private.handling, { error, cause }, event);
}

/**
 * Parallel or Map failed, and the failure is its own now. What it has done stays with the failure; the StateExited
 * event of a Catcher drops it.
 */
export function failScope(
  execution: Execution,
  event: { branch: BranchId; id: number; private: { handling: Handling; failure: Failure } },
): void {
  const { handling, failure } = event.private;
  const failed = chain(execution, event);
  const aborted = removeWithin(execution, failed.id);
  failed.activity = failedState(failed, failure, event.id, aborted);
  if (handling.kind === 'fail') makeReady(execution, failed.id);
}

/**
 * All branches of a Parallel or Map have ended, but together their outputs are too large: this ends the execution
 * without an event of the state's own. A redrive then begins the state anew.
 */
export function failJoin(
  execution: Execution,
  { details: failure, previousEventId }: JournalEventOf<'ExecutionFailed'>,
): void {
  if (failure.error !== States.DataLimitExceeded) return;
  for (const branch of execution.branches.values()) {
    const { activity, lastEventId } = branch;
    const isJoining = (activity.kind === 'parallel' || activity.kind === 'map') && activity.open === 0;
    if (isJoining && lastEventId === previousEventId)
      branch.activity = failedState(branch, failure, previousEventId, []);
  }
}

/** Without a handling, the Failed event of the Parallel or Map follows, which carries it. */
export function evaluationFailed(execution: Execution, event: JournalEventOf<'EvaluationFailed'>): void {
  const failed = chain(execution, event);
  unready(execution, failed.id);
  const { handling } = event.private;
  const { error, cause } = event.details;
  if (handling === undefined) return;
  // Iterations that run while the next one's input cannot be made; the Map begins anew without them.
  removeWithin(execution, failed.id);
  handle(execution, failed, handling, { error, cause }, event);
}

/** A Parallel or Map will run again: its open branches are gone. */
export function retryScheduled(execution: Execution, event: JournalEventOf<'RetryScheduled'>): void {
  const { retrier, until } = event.private;
  const retried = branchOf(execution, event.branch);
  retried.lastEventId = event.previousEventId;
  removeWithin(execution, retried.id);
  const failing = { id: event.previousEventId, timestamp: event.timestamp };
  handle(execution, retried, { kind: 'retry', retrier, until }, {}, failing);
}

const HANDLE: {
  readonly [K in Handling['kind']]: (
    execution: Execution,
    branch: Branch,
    handling: Extract<Handling, { kind: K }>,
    failure: Failure,
    event: FailingEvent,
  ) => void;
} = {
  retry: (_execution, branch, { retrier, until }, _failure, { id, timestamp }) => {
    branch.retries[retrier] = (branch.retries[retrier] ?? 0) + 1;
    branch.activity = { kind: 'retrying', since: timestamp, until, failedEventId: id };
  },
  // The StateExited event that follows leads on.
  catch: (_execution, branch, _handling, failure, { id }) => {
    branch.activity = failedState(branch, failure, id, []);
  },
  fail: (execution, branch, _handling, failure, { id }) => fail(execution, branch, failure, id),
};

export function handle(
  execution: Execution,
  branch: Branch,
  handling: Handling,
  failure: Failure,
  event: FailingEvent,
): void {
  (HANDLE[handling.kind] as (...args: unknown[]) => void)(execution, branch, handling, failure, event);
}

export function fail(execution: Execution, branch: Branch, failure: Failure, eventId: number): void {
  branch.activity = failedState(branch, failure, eventId, []);
  makeReady(execution, branch.id);
}

function failedState(
  { activity }: Branch,
  failure: Failure,
  eventId: number,
  aborted: readonly Branch[],
): FailedState {
  const { kind } = activity;
  const goesOn = kind === 'waiting' || kind === 'parallel' || kind === 'map';
  return { kind: 'failed', failure, eventId, interrupted: goesOn ? activity : undefined, aborted };
}
