import { effectiveInput } from '../data/flow.ts';
import type { Turn } from '../execution/step.ts';
import type { SucceedState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { guard } from './failing.ts';
import { leave } from './leaving.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html */
export function enterSucceed(turn: Turn, state: SucceedState): void {
  enter(turn, state);
  succeed(turn, state);
}

export function succeed(turn: Turn, state: SucceedState): void {
  guard(turn, state, () => leave(turn, state, null, undefined, effectiveInput(turn, state.flow)));
}
