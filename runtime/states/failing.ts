/** What a state does with a failure: Retry, Catch, or up to the scope around it. */

import { variables } from '../data/flow.ts';
import type { Json } from '../data/json.ts';
import { Payload } from '../data/payload.ts';
import type { Handling } from '../execution/execution.ts';
import type { Turn } from '../execution/step.ts';
import { type Failure, StateFailure, States } from '../failures/failure.ts';
import { type Fault, handlingOf } from '../failures/retry.ts';
import type { Catcher, MapState, ParallelState, State, TaskState } from '../machine/machine.ts';
import { exit } from './leaving.ts';

export type FallibleState = TaskState | ParallelState | MapState;

/** Runs a part of a state; a {@link StateFailure} out of it becomes events. */
export function guard<S extends State>(turn: Turn, state: S, work: (turn: Turn, state: S) => void): void {
  try {
    work(turn, state);
  } catch (failure) {
    if (!(failure instanceof StateFailure)) throw failure;
    failInterpretation(turn, state, failure);
  }
}

/** A failure of the state's own interpretation: a bad path, a bad expression, too much data. */
function failInterpretation(turn: Turn, state: State, failure: StateFailure): void {
  const cause = explained(turn, state, failure);
  if (failure.error === States.QueryEvaluationError) failEvaluation(turn, state, failure, cause ?? '');
  else
    turn.step.failExecution(
      { error: failure.error, ...(cause !== undefined && { cause }) },
      turn.lastEventId,
    );
}

/** The interpreter's own errors name the state and its StateEntered event. */
function explained(turn: Turn, state: State, { error, cause }: StateFailure): string | undefined {
  // TestState has no history whose events could be named.
  if (turn.step.inspection !== undefined) return cause;
  if (error !== States.Runtime && error !== States.QueryEvaluationError) return cause;
  return `An error occurred while executing the state '${state.name}' (entered at the event id #${turn.enteredEventId}). ${cause}`;
}

function failEvaluation(turn: Turn, state: State, failure: StateFailure, cause: string): void {
  const fault: Fault = { error: failure.error, cause };
  const handling = isFallible(state) ? handlingIn(turn, state, fault) : ({ kind: 'fail' } as const);
  const location = failure.location === undefined ? {} : { location: failure.location };
  const details = { state: state.name, error: failure.error, cause, ...location };
  if (isScoped(state) && handling.kind !== 'retry') {
    turn.emit('EvaluationFailed', details, {});
    failScope(turn, state, handling, fault);
  } else {
    turn.emit('EvaluationFailed', details, { handling });
    if (isFallible(state)) catchFault(turn, state, handling, fault);
  }
}

/** Parallel or Map fails for good: its own Failed event, then what its Catch says. */
export function failScope(
  turn: Turn,
  state: ParallelState | MapState,
  handling: Handling,
  failure: Failure,
): void {
  turn.emit(
    `${state.type}StateFailed`,
    {},
    { handling, failure: { error: failure.error, cause: failure.cause } },
  );
  catchFault(turn, state, handling, failure);
}

/** Goes on with the catcher, if that is how the failure is handled. */
export function catchFault(turn: Turn, state: FallibleState, handling: Handling, failure: Failure): void {
  if (handling.kind !== 'catch') return;
  const catcher = state.catch[handling.catcher] as Catcher;
  try {
    exit(turn, state, catcher.next, caught(turn, state, catcher, failure));
  } catch (failed) {
    if (!(failed instanceof StateFailure)) throw failed;
    // A failure inside Catch is fatal: no other catcher is asked.
    turn.step.failExecution({ error: failed.error, cause: explained(turn, state, failed) }, turn.lastEventId);
  }
}

/** The catcher's output and variables: ResultSelector, ResultPath and OutputPath of the state do not apply. */
function caught(turn: Turn, state: FallibleState, catcher: Catcher, { error, cause }: Failure) {
  const errorOutput: Json = { ...(error !== undefined && { Error: error }), Cause: cause ?? '' };
  const { input } = turn.branch;
  const assign = (value: Json | undefined) => (value === undefined ? undefined : variables(value));
  if (state.flow.language === 'JSONata') {
    const environment = turn.environment(input.value, { states: { input: input.value, errorOutput } });
    const output = Payload.fromValue(catcher.output ? catcher.output.evaluate(environment) : errorOutput);
    return { output, assigned: assign(catcher.assign?.evaluate(environment)) };
  }
  const { resultPath } = catcher;
  const output = resultPath === null ? input : Payload.fromValue(resultPath.write(input.value, errorOutput));
  return { output, assigned: assign(catcher.assign?.evaluate(turn.environment(errorOutput))) };
}

/** What the state's Retry and Catch make of a fault, now. */
export function handlingIn(turn: Turn, state: FallibleState, fault: Fault): Handling {
  const { step, branch } = turn;
  const handling = handlingOf(state, fault, branch.retries, step.time, () => step.random);
  step.inspection?.observeHandling(fault, handling);
  return handling;
}

function isFallible(state: State): state is FallibleState {
  return state.type === 'Task' || isScoped(state);
}

function isScoped(state: State): state is ParallelState | MapState {
  return state.type === 'Parallel' || state.type === 'Map';
}
