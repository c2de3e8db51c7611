/** What each state type does, by its name in the Amazon States Language. */
import type { Turn } from '../execution/step.ts';
import type { State, StateType } from '../machine/machine.ts';
import { enterChoice } from './choice/choice.ts';
import { enterFail } from './fail.ts';
import type { FallibleState } from './failing.ts';
import { enterMap, startMap } from './map.ts';
import { enterParallel, startParallel } from './parallel.ts';
import { enterPass } from './pass.ts';
import { enterSucceed } from './succeed.ts';
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

const RETRY: { readonly [T in FallibleState['type']]: Behavior<T> } = {
  Task: scheduleTask,
  Parallel: startParallel,
  Map: startMap,
};

/** Enters a state and goes as far as it can go at once. */
export function enterState(turn: Turn, state: State): void {
  (ENTER[state.type] as Behavior<StateType>)(turn, state);
}

/** Does the state's work again, after the delay of a Retry. */
export function retryState(turn: Turn, state: FallibleState): void {
  (RETRY[state.type] as Behavior<StateType>)(turn, state);
}
