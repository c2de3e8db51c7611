import { effectiveInput } from '../../data/flow.ts';
import type { Turn } from '../../execution/step.ts';
import { TurnStates } from '../../execution/turn-environment.ts';
import { runtimeFailure } from '../../failures/failure.ts';
import type { ChoiceState } from '../../machine/machine.ts';
import { enter } from '../entering.ts';
import { guard } from '../failing.ts';
import { leave } from '../leaving.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html */
export function enterChoice(turn: Turn, state: ChoiceState): void {
  enter(turn, state);
  choose(turn, state);
}

export function choose(turn: Turn, state: ChoiceState): void {
  guard(turn, state, leaveByRule);
}

/**
 * The first rule that holds leads on, else Default. With neither, AWS fails with States.Runtime (recorded), not with
 * the States.NoChoiceMatched of its documentation.
 */
function leaveByRule(turn: Turn, state: ChoiceState): void {
  const effective = effectiveInput(turn, state.flow);
  const environment = turn.environment(effective.value, { states: new TurnStates(turn) });
  const rule = state.choices.find(({ condition }) => condition.holds(environment));
  if (rule !== undefined) leave(turn, state, rule.next, undefined, effective, rule);
  else if (state.default !== undefined) leave(turn, state, state.default, undefined, effective);
  else
    throw runtimeFailure('Failed to transition out of the state. The state does not point to a next state.');
}
