import type { EventType } from '../execution/event.ts';
import type { Turn } from '../execution/step.ts';
import type { State, StateType } from '../machine/machine.ts';

type EnterType = Extract<EventType, `${string}StateEntered`>;

/** Written out: a text put together anew must be hashed by everybody who looks the type up. */
const ENTERED: { readonly [T in StateType]: `${T}StateEntered` & EnterType } = {
  Pass: 'PassStateEntered',
  Task: 'TaskStateEntered',
  Choice: 'ChoiceStateEntered',
  Wait: 'WaitStateEntered',
  Succeed: 'SucceedStateEntered',
  Fail: 'FailStateEntered',
  Parallel: 'ParallelStateEntered',
  Map: 'MapStateEntered',
};

const NOTHING = {};

/**
 * Writes the StateEntered event.
 * @param own what the fold must know of it besides (a Wait's end, a Fail's error)
 */
export function enter(turn: Turn, state: State, own: Record<string, unknown> = NOTHING): void {
  turn.emit(ENTERED[state.type], { name: state.name, input: turn.branch.input }, own);
}
