import { effectiveInput, workInput } from '../data/flow.ts';
import { Payload } from '../data/payload.ts';
import { checkSize } from '../data/size.ts';
import type { ParallelRun } from '../execution/execution.ts';
import type { Turn } from '../execution/step.ts';
import type { ParallelState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { guard } from './failing.ts';
import { leave } from './leaving.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html */
export function enterParallel(turn: Turn, state: ParallelState): void {
  enter(turn, state);
  startParallel(turn, state);
}

/** Opens all branches: at entry, and anew for each retry and, where none of them can go on, for a redrive. */
export function startParallel(turn: Turn, state: ParallelState): void {
  guard(turn, state, () => {
    const { maxPayloadBytes } = turn.step.limits;
    const effective = effectiveInput(turn, state.flow);
    const input = checkSize(workInput(turn, state.flow, effective).compact, maxPayloadBytes, state.name);
    turn.emit('ParallelStateStarted', {}, { startAt: state.branches.map(({ startAt }) => startAt), input });
  });
}

/** All branches have ended: their outputs, in the order of the branches, are the result. */
export function joinParallel(turn: Turn, state: ParallelState): void {
  parallelSucceeded(turn, state, outputsOf(turn.branch.activity as ParallelRun));
}

export function parallelSucceeded(turn: Turn, state: ParallelState, result: Payload): void {
  guard(turn, state, () => {
    turn.emitAside('ParallelStateSucceeded', {}, {});
    leave(turn, state, state.next, result, effectiveInput(turn, state.flow));
  });
}

/** The outputs of a finished Parallel or Map, as its result. */
export function outputsOf({ outputs }: Pick<ParallelRun, 'outputs'>): Payload {
  return Payload.fromValue(outputs.map((output) => output?.value ?? null));
}
