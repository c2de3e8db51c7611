/** What each state type does, by its name in the Amazon States Language. */
import type { Turn } from '../execution/step.ts';
import type { State, StateType } from '../machine/machine.ts';
import { choose, enterChoice } from './choice/choice.ts';
import { enterFail } from './fail.ts';
import { enterMap, startMap } from './map.ts';
import { enterParallel, startParallel } from './parallel.ts';
import { enterPass, passOn } from './pass.ts';
import { enterSucceed, succeed } from './succeed.ts';
import { enterTask, scheduleTask } from './task.ts';
import { enterWait } from './wait.ts';

type StateOf<T extends StateType> = Extract<State, { type: T }>;
type Behavior<T extends StateType> = (turn: Turn, state: StateOf<T>) => void;

const ENTER: { readonly [T in StateType]: Behavior<T> } = {
  Pass: enterPass,
  Task: enterTask,
  Choice: enterChoice,
  Wait: enterWait,
  Succeed: enterSucceed,
  Fail: enterFail,
  Parallel: enterParallel,
  Map: enterMap,
};

/** Wait and Fail are entered again: their StateEntered event holds what their expressions come to. */
const WORK: { readonly [T in StateType]: Behavior<T> } = {
  Pass: passOn,
  Task: scheduleTask,
  Choice: choose,
  Wait: enterWait,
  Succeed: succeed,
  Fail: enterFail,
  Parallel: startParallel,
  Map: startMap,
};

/** Enters a state and goes as far as it can go at once. */
export function enterState(turn: Turn, state: State): void {
  (ENTER[state.type] as Behavior<StateType>)(turn, state);
}

/** Does the work of a state that was entered before: after the delay of a Retry, or after a redrive. */
export function workAgain(turn: Turn, state: State): void {
  (WORK[state.type] as Behavior<StateType>)(turn, state);
}
