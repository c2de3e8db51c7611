/** The ends of a Map or a Parallel whose iterations or branches are not run, but mocked. */
import { effectiveInput } from '../data/flow.ts';
import { Payload } from '../data/payload.ts';
import type { MapRun } from '../execution/execution.ts';
import type { Turn } from '../execution/step.ts';
import { type Failure, States } from '../failures/failure.ts';
import type { MapState, ParallelState } from '../machine/machine.ts';
import { guard } from '../states/failing.ts';
import { iterationInput, mapSucceeded } from '../states/map.ts';
import { exceedsTolerance, toleratedFailures } from '../states/map-numbers.ts';
import { parallelSucceeded } from '../states/parallel.ts';
import { scopeFailed } from '../states/scope-failure.ts';
import { InvalidTest, type Mock } from './mock.ts';

const THRESHOLD_EXCEEDED: Failure = {
  error: States.ExceedToleratedFailureThreshold,
  cause: 'The specified tolerated failure threshold was exceeded',
};

export function endParallel(turn: Turn, state: ParallelState, mock: Mock): void {
  if (mock.kind === 'error') scopeFailed(turn, state, mock.failure);
  else parallelSucceeded(turn, state, mock.result);
}

/**
 * @param failures how many iterations are said to have failed
 * @throws InvalidTest when there are not so many iterations
 */
export function endMap(turn: Turn, state: MapState, mock: Mock, failures: number): void {
  const run = turn.branch.activity as MapRun;
  if (failures > run.length)
    throw new InvalidTest(
      'Map iteration failure count must be less than or equal to the number of Map iterations',
    );
  guard(turn, state, () => {
    observeIterations(turn, state, run);
    const tolerated = toleratedFailures(turn, state, effectiveInput(turn, state.flow));
    if (mock.kind === 'error') scopeFailed(turn, state, mock.failure);
    else if (exceedsTolerance(tolerated, failures, run.length)) scopeFailed(turn, state, THRESHOLD_EXCEEDED);
    else mapSucceeded(turn, state, mock.result);
  });
}

function observeIterations(turn: Turn, state: MapState, run: MapRun): void {
  if (state.itemSelector === undefined) return;
  const inputs = Array.from({ length: run.length }, (_, index) => iterationInput(turn, state, run, index));
  turn.observe('afterItemSelector', Payload.fromValue(inputs.map(({ value }) => value)));
}
