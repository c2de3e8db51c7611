import { evaluateDynamic, pathNotFound, unexpectedType } from '../data/dynamic.ts';
import { effectiveInput } from '../data/flow.ts';
import { stringifyJson } from '../data/json.ts';
import type { Payload } from '../data/payload.ts';
import type { Turn } from '../execution/step.ts';
import { type Failure, runtimeFailure, StateFailure } from '../failures/failure.ts';
import type { Dynamic, FailState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { guard } from './failing.ts';

/**
 * A Fail state has no StateExited event. Its error and cause are evaluated before its StateEntered is written,
 * since that event's private field carries them to the scope around it.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
 */
export function enterFail(turn: Turn, state: FailState): void {
  const evaluated = evaluate(turn, state);
  enter(turn, state, evaluated instanceof StateFailure ? {} : { failure: evaluated });
  if (evaluated instanceof StateFailure) {
    guard(turn, state, () => {
      throw evaluated;
    });
  }
}

function evaluate(turn: Turn, state: FailState): Failure | StateFailure {
  try {
    const input = effectiveInput(turn, state.flow);
    const error = text(turn, state, state.error, input);
    const cause = text(turn, state, state.cause, input);
    return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
  } catch (failure) {
    if (failure instanceof StateFailure) return failure;
    throw failure;
  }
}

function text(
  turn: Turn,
  state: FailState,
  field: Dynamic<string> | undefined,
  input: Payload,
): string | undefined {
  if (field === undefined) return undefined;
  const value = evaluateDynamic(turn, field, input, pathNotFound);
  if (typeof value === 'string') return value;
  if (field.kind === 'template' && state.flow.language === 'JSONata')
    throw unexpectedType(field, 'string', value);
  throw runtimeFailure(
    `The value of the field '${field.kind === 'literal' ? '' : field.field}' must be a string: ${stringifyJson(value)}`,
  );
}
