import { isArray, isNumber, isObject, type Json, toNumber } from '../../data/json.ts';
import type { PathFunctionName } from './syntax.ts';

/** What ends a path in `()`. Undefined: the function has no value for this operand. */
export const pathFunctions: Record<PathFunctionName, (value: Json) => Json | undefined> = {
  length: size,
  size,
  min: (value) => aggregate(value, (numbers) => numbers.reduce((a, b) => Math.min(a, b))),
  max: (value) => aggregate(value, (numbers) => numbers.reduce((a, b) => Math.max(a, b))),
  sum: (value) => aggregate(value, sum),
  avg: (value) => aggregate(value, (numbers) => sum(numbers) / numbers.length),
  keys: (value) => (isObject(value) ? Object.keys(value) : undefined),
  first: (value) => (isArray(value) ? value[0] : undefined),
  last: (value) => (isArray(value) ? value.at(-1) : undefined),
};

function size(value: Json): number | undefined {
  if (typeof value === 'string' || isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : undefined;
}

/** Applies to the numbers of an array; what is no number in it is left out, as Jayway does. */
function aggregate(value: Json, of: (numbers: readonly number[]) => number): number | undefined {
  if (!isArray(value)) return undefined;
  const numbers = value.filter(isNumber).map(toNumber);
  return numbers.length === 0 ? undefined : of(numbers);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b);
}
