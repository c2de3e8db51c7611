import { evaluateDynamic, shownValue, unexpectedType, wholeNumber } from '../data/dynamic.ts';
import { effectiveInput } from '../data/flow.ts';
import { isNumber, stringifyJson, toNumber } from '../data/json.ts';
import type { Payload } from '../data/payload.ts';
import { parseTimestamp } from '../data/timestamp.ts';
import type { Turn } from '../execution/step.ts';
import { runtimeFailure, StateFailure, States } from '../failures/failure.ts';
import type { Dynamic, WaitState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { guard } from './failing.ts';
import { leave } from './leaving.ts';

/** The longest wait AWS takes, in seconds: recorded at 24,855 days, refused at 24,856. */
const DELAY_SECONDS_MAX = 2 ** 31 - 1;

/**
 * The end of the wait is worked out before StateEntered is written, since that event's private field holds it.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
 */
export function enterWait(turn: Turn, state: WaitState): void {
  const until = end(turn, state);
  if (until instanceof StateFailure || until <= turn.step.time) enter(turn, state);
  else enter(turn, state, { until });
  guard(turn, state, () => {
    if (until instanceof StateFailure) throw until;
    if (until <= turn.step.time) leaveWait(turn, state);
  });
}

/** The wait is over. */
export function endWait(turn: Turn, state: WaitState): void {
  guard(turn, state, () => leaveWait(turn, state));
}

function leaveWait(turn: Turn, state: WaitState): void {
  leave(turn, state, state.next, undefined, effectiveInput(turn, state.flow));
}

/** ms since 1970. */
function end(turn: Turn, state: WaitState): number | StateFailure {
  try {
    const input = effectiveInput(turn, state.flow);
    const { until } = state;
    const now = turn.step.time;
    const end =
      until.kind === 'seconds'
        ? now + seconds(turn, until.seconds, input) * 1000
        : timestamp(turn, until.timestamp, input);
    if (end - now > DELAY_SECONDS_MAX * 1000) throw runtimeFailure('Wait state delay is too long.');
    return end;
  } catch (failure) {
    if (failure instanceof StateFailure) return failure;
    throw failure;
  }
}

function seconds(turn: Turn, field: Dynamic<number>, input: Payload): number {
  if (field.kind === 'literal') return field.value;
  const value = evaluateDynamic(turn, field, input, waitPathMissing);
  if (field.kind === 'template') {
    if (!isNumber(value)) throw unexpectedType(field, 'number', value);
    const number = toNumber(value);
    if (!Number.isInteger(number))
      throw evaluationFailure(
        field.field,
        `The Seconds field cannot be parsed as an integer: ${stringifyJson(value)}`,
      );
    if (number < 0 || number > 99_999_999)
      throw evaluationFailure(
        field.field,
        `Seconds must be between 0 and 99999999 but was: ${stringifyJson(value)}`,
      );
    return number;
  }
  const found = `${field.path.source} == ${shownValue(value)}`;
  const number = wholeNumber(value);
  if (number === undefined)
    throw runtimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${found}`);
  if (number < 0) throw runtimeFailure(`The SecondsPath parameter references a negative value: ${found}`);
  return number;
}

function timestamp(turn: Turn, field: Dynamic<string>, input: Payload): number {
  const value = evaluateDynamic(turn, field, input, waitPathMissing);
  const time = typeof value === 'string' ? parseTimestamp(value) : undefined;
  // AWS cuts a timestamp to whole seconds.
  if (time !== undefined) return Math.floor(time / 1000) * 1000;
  if (field.kind === 'path')
    throw runtimeFailure(
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${field.path.source} == ${shownValue(value)}`,
    );
  if (field.kind === 'template' && typeof value !== 'string') throw unexpectedType(field, 'string', value);
  throw evaluationFailure(
    field.kind === 'template' ? field.field : 'Timestamp',
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${shownValue(value)}`,
  );
}

function waitPathMissing(field: string, path: string): StateFailure {
  return runtimeFailure(`The ${field} parameter does not reference an input value: ${path}`);
}

function evaluationFailure(field: string, cause: string): StateFailure {
  return new StateFailure(States.QueryEvaluationError, cause, field);
}
