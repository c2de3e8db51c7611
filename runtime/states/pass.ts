import { effectiveInput, workInput } from '../data/flow.ts';
import { Payload } from '../data/payload.ts';
import type { Turn } from '../execution/step.ts';
import type { PassState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { guard } from './failing.ts';
import { leave } from './leaving.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html */
export function enterPass(turn: Turn, state: PassState): void {
  enter(turn, state);
  guard(turn, state, () => {
    const effective = effectiveInput(turn, state.flow);
    if (state.flow.language === 'JSONata') return leave(turn, state, state.next, undefined, effective);
    const result =
      state.result === undefined ? workInput(turn, state.flow, effective) : Payload.fromValue(state.result);
    leave(turn, state, state.next, result, effective);
  });
}
