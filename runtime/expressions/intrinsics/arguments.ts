import {
  isArray,
  isNumber,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  toNumber,
} from '../../data/json.ts';
import { invalidArguments } from './fault.ts';

/** Longest text that the hash and encoding functions take. */
const TEXT_MAX = 10_000;

export function text(argument: Json | undefined): string {
  if (typeof argument !== 'string') throw invalidArguments();
  return argument;
}

/** A text of at most 10,000 characters. */
export function shortText(argument: Json | undefined): string {
  const value = text(argument);
  if (value.length > TEXT_MAX) throw invalidArguments();
  return value;
}

export function array(argument: Json | undefined): JsonArray {
  if (!isArray(argument)) throw invalidArguments();
  return argument;
}

export function object(argument: Json | undefined): JsonObject {
  if (!isObject(argument)) throw invalidArguments();
  return argument;
}

/** A number as an integer: AWS cuts the fraction off in every function but States.MathAdd. */
export function truncated(argument: Json | undefined): number {
  return Math.trunc(number(argument));
}

/** A number as an integer of 32 bits. */
export function int32(argument: Json | undefined, toInteger: (value: number) => number): number {
  const value = toInteger(number(argument));
  if (value !== (value | 0)) throw invalidArguments();
  return value | 0;
}

function number(argument: Json | undefined): number {
  if (!isNumber(argument)) throw invalidArguments();
  const value = toNumber(argument);
  if (!Number.isFinite(value)) throw invalidArguments();
  return value;
}
