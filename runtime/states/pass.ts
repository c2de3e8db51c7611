import { effectiveInput, workInput } from '../data/flow.ts';
import { Payload } from '../data/payload.ts';
import { checkSize } from '../data/size.ts';
import type { Turn } from '../execution/step.ts';
import type { PassState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { guard } from './failing.ts';
import { leave } from './leaving.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html */
export function enterPass(turn: Turn, state: PassState): void {
  enter(turn, state);
  passOn(turn, state);
}

export function passOn(turn: Turn, state: PassState): void {
  guard(turn, state, leavePass);
}

/** @throws StateFailure */
function leavePass(turn: Turn, state: PassState): void {
  const { flow, next, result } = state;
  // As recorded: where there is a Result, InputPath and Parameters are not looked at.
  if (result !== undefined) {
    const written = turn.observe('result', Payload.fromValue(result));
    leave(turn, state, next, written, turn.branch.input);
    return;
  }
  const effective = effectiveInput(turn, flow);
  const made =
    flow.language === 'JSONata'
      ? undefined
      : checkSize(workInput(turn, flow, effective), turn.step.limits.maxPayloadBytes, state.name);
  leave(turn, state, next, made, effective);
}
