/** Fields that a definition may write out or compute: `Seconds`, `SecondsPath`, `{% … %}`. */
import type { Turn } from '../execution/step.ts';
import { TurnStates } from '../execution/turn-environment.ts';
import { runtimeFailure, StateFailure, States } from '../failures/failure.ts';
import type { Dynamic } from '../machine/machine.ts';
import { isArray, isNumber, type Json, stringifyJson, toNumber } from './json.ts';
import type { Payload } from './payload.ts';

/** Words the failure of a path that leads nowhere; each field has its own way. */
export type PathMissing = (field: string, path: string, message: string, input: Json) => StateFailure;

/** How InputPath, TimeoutSecondsPath and most fields word it. */
export const invalidPath: PathMissing = (_field, path, message) =>
  runtimeFailure(`Invalid path '${path}' : ${message}`);

/** How ErrorPath and CausePath word it, as payload templates do. */
export const pathNotFound: PathMissing = (field, path, _message, input) =>
  runtimeFailure(
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${stringifyJson(input)}'`,
  );

/**
 * The field's value, unchecked.
 * @param input what paths see as `$`
 * @throws StateFailure, JsonataPending
 */
export function evaluateDynamic(
  turn: Turn,
  field: Dynamic<Json>,
  input: Payload,
  missing: PathMissing,
): Json {
  if (field.kind === 'literal') return field.value;
  const environment = turn.environment(input.value, { states: new TurnStates(turn) });
  if (field.kind === 'template') return field.template.evaluate(environment);
  const resolved = field.path.resolve(environment);
  if (resolved.found) return resolved.value;
  throw missing(field.field, field.path.source, resolved.message, environment.input);
}

/**
 * A field that must be a whole number of seconds: TimeoutSeconds, HeartbeatSeconds.
 * @throws StateFailure, JsonataPending
 */
export function evaluateSeconds(
  turn: Turn,
  field: Dynamic<number> | undefined,
  input: Payload,
): number | undefined {
  if (field === undefined) return undefined;
  const value = evaluateDynamic(turn, field, input, invalidPath);
  if (field.kind === 'literal') return field.value;
  if (field.kind === 'template')
    return checkedExpression(field, value, isNumber(value) ? toNumber(value) : undefined);
  const number = wholeNumber(value);
  if (number !== undefined && number > 0) return number;
  throw runtimeFailure(
    `The ${field.field} parameter does not reference a positive integer: ${field.path.source} == ${shownValue(value)}`,
  );
}

/** What a …Path field takes as a whole number: as recorded, `"1"` does as well as `1`. */
export function wholeNumber(value: Json): number | undefined {
  if (!isNumber(value) && typeof value !== 'string') return undefined;
  const text = typeof value === 'string' ? value : stringifyJson(value);
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** A value as AWS shows it in a failure's cause: strings without quotes. */
export function shownValue(value: Json): string {
  return typeof value === 'string' ? value : stringifyJson(value);
}

type Expression = Extract<Dynamic<Json>, { kind: 'template' }>;

function checkedExpression(field: Expression, value: Json, number: number | undefined): number {
  if (number === undefined) throw unexpectedType(field, 'number', value);
  const failure = (cause: string): StateFailure =>
    new StateFailure(States.QueryEvaluationError, cause, field.field);
  if (!Number.isInteger(number))
    throw failure(`The ${field.field} field cannot be parsed as an integer: ${number}`);
  if (number < 0 || number > 99_999_999)
    throw failure(`${field.field} must be between 0 and 99999999 but was: ${number}`);
  return number;
}

/** A JSONata expression gave a value of another type than its field takes. */
export function unexpectedType(field: Expression, expected: string, value: Json): StateFailure {
  const cause = `The JSONata expression '${field.source}' specified for the field '${field.field}' returned an unexpected result type. Expected '${expected}', but was '${typeName(value)}' for value: ${stringifyJson(value)}`;
  return new StateFailure(States.QueryEvaluationError, cause, field.field);
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return isNumber(value) ? 'number' : typeof value;
}
