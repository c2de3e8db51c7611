/** The numbers of a Map state, written out or computed: MaxConcurrency, and how many failures it tolerates. */
import { evaluateDynamic, invalidPath, shownValue, unexpectedType, wholeNumber } from '../data/dynamic.ts';
import { isNumber, type Json, stringifyJson, toNumber } from '../data/json.ts';
import type { Payload } from '../data/payload.ts';
import type { Turn } from '../execution/step.ts';
import { runtimeFailure, StateFailure, States } from '../failures/failure.ts';
import type { Dynamic, MapState } from '../machine/machine.ts';

type NumberField = 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage';

interface NumberType {
  /** As AWS calls it where a value is none. */
  readonly name: 'integer' | 'float';
  /** What a …Path field takes: as recorded, `"1"` does as well as `1`. */
  fromPath(value: Json): number | undefined;
  holds(number: number): boolean;
}

const INTEGER: NumberType = { name: 'integer', fromPath: wholeNumber, holds: Number.isInteger };
const FLOAT: NumberType = { name: 'float', fromPath: decimalNumber, holds: Number.isFinite };

/** 0: the state sets no limit. @throws StateFailure, JsonataPending */
export function maxConcurrency(turn: Turn, state: MapState, effective: Payload): number {
  const number = evaluateNumber(turn, 'MaxConcurrency', state.maxConcurrency, INTEGER, effective);
  if (number < 0) throw runtimeFailure('MaxConcurrency cannot be negative.');
  return turn.observe('maxConcurrency', number);
}

/** Undefined: the state does not say. */
export interface ToleratedFailures {
  readonly count: number | undefined;
  readonly percentage: number | undefined;
}

/** @throws StateFailure, JsonataPending */
export function toleratedFailures(turn: Turn, state: MapState, effective: Payload): ToleratedFailures {
  const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = state;
  return {
    count: count && toleratedCount(turn, count, effective),
    percentage: percentage && toleratedPercentage(turn, percentage, effective),
  };
}

/** Either threshold may be exceeded; one that the state does not name never is. */
export function exceedsTolerance(
  { count, percentage }: ToleratedFailures,
  failures: number,
  iterations: number,
): boolean {
  if (count !== undefined && failures > count) return true;
  return percentage !== undefined && iterations > 0 && (failures / iterations) * 100 > percentage;
}

function toleratedCount(turn: Turn, field: Dynamic<number>, effective: Payload): number {
  const count = evaluateNumber(turn, 'ToleratedFailureCount', field, INTEGER, effective);
  if (count < 0) throw runtimeFailure('ToleratedFailureCount cannot be negative.');
  return turn.observe('toleratedFailureCount', count);
}

function toleratedPercentage(turn: Turn, field: Dynamic<number>, effective: Payload): number {
  const percentage = evaluateNumber(turn, 'ToleratedFailurePercentage', field, FLOAT, effective);
  if (percentage < 0 || percentage > 100)
    throw runtimeFailure('ToleratedFailurePercentage must be between 0 and 100.');
  return turn.observe('toleratedFailurePercentage', percentage);
}

function evaluateNumber(
  turn: Turn,
  name: NumberField,
  field: Dynamic<number>,
  type: NumberType,
  effective: Payload,
): number {
  const value = evaluateDynamic(turn, field, effective, invalidPath);
  if (field.kind === 'literal') return field.value;
  if (field.kind === 'template') return checkedExpression(name, field, type, value);
  const number = type.fromPath(value);
  if (number !== undefined) return number;
  throw runtimeFailure(
    `The ${field.field} field refers to value "${shownValue(value)}" which is not a valid ${type.name}: ${field.path.source}`,
  );
}

function checkedExpression(
  name: NumberField,
  field: Extract<Dynamic<number>, { kind: 'template' }>,
  type: NumberType,
  value: Json,
): number {
  if (!isNumber(value)) throw unexpectedType(field, 'number', value);
  const number = toNumber(value);
  if (type.holds(number)) return number;
  const cause = `The ${name} field cannot be parsed as an ${type.name}: ${stringifyJson(value)}`;
  throw new StateFailure(States.QueryEvaluationError, cause, field.field);
}

function decimalNumber(value: Json): number | undefined {
  if (!isNumber(value) && typeof value !== 'string') return undefined;
  const text = typeof value === 'string' ? value : stringifyJson(value);
  return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
