import { isArray, isObject, isRawNumber, type Json, type RawNumber, setMember } from '../../data/json.ts';
import type { LongIntegers } from './long-integers.ts';

/** Data as jsonata takes it. It may change what it is given, so it never gets the original. */
export type JsonataValue =
  | null
  | boolean
  | number
  | string
  | RawNumber
  | JsonataValue[]
  | { [key: string]: JsonataValue };

/** Thrown for data that jsonata would take for functions of its own. */
export class ReservedMember {
  readonly code = 'D1013';
  readonly value: string;
  readonly message: string;

  constructor(key: string) {
    this.value = key;
    this.message = `Object property names starting with _jsonata_ are reserved for internal use: ${JSON.stringify(key)}`;
  }
}

/** A copy whose numbers are plain, but for what the evaluation does with long integers. @throws ReservedMember */
export function toJsonata(value: Json, longs: LongIntegers): JsonataValue {
  if (isRawNumber(value)) return longs.toJsonata(value);
  if (isArray(value)) return value.map((item) => toJsonata(item, longs));
  if (!isObject(value)) return value;
  const copy: Record<string, JsonataValue> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '_jsonata_lambda' || key === '_jsonata_function') throw new ReservedMember(key);
    setMember(copy as Record<string, Json>, key, toJsonata(item, longs));
  }
  return copy;
}

/**
 * A result as JSON. Infinity and NaN become texts, as on AWS.
 * @returns undefined when there is a function in it
 */
export function fromJsonata(value: unknown): Json | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (isRawNumber(value)) return value;
  if (typeof value !== 'object' || '_jsonata_lambda' in value || '_jsonata_function' in value)
    return undefined;
  if (Array.isArray(value)) return fromItems(value);
  const copy: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const converted = fromJsonata(item);
    if (converted === undefined) return undefined;
    setMember(copy, key, converted);
  }
  return copy;
}

function fromItems(items: readonly unknown[]): Json | undefined {
  const copy: Json[] = [];
  for (const item of items) {
    const converted = item === undefined ? null : fromJsonata(item);
    if (converted === undefined) return undefined;
    copy.push(converted);
  }
  return copy;
}
