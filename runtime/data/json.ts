/**
 * JSON values as the runtime handles them.
 *
 * A number whose text JavaScript would not write back unchanged (`1.0`, `1e3`, an integer beyond 2^53) is
 * kept as a {@link RawNumber}, so that data which only passes through a state leaves it as it came.
 */

/** A number kept as its source text: what `JSON.rawJSON` makes, and `JSON.stringify` writes verbatim. */
export interface RawNumber {
  readonly rawJSON: string;
  readonly [rawNumber]: true;
}
declare const rawNumber: unique symbol;

export type Json = null | boolean | number | string | RawNumber | JsonArray | JsonObject;
export type JsonArray = readonly Json[];
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Nesting deeper than this is refused, as AWS's own parser does; it also keeps recursion off the stack's end. */
export const JSON_DEPTH_MAX = 1000;

/** The part of the JSON global that TypeScript's library does not describe yet (source text access). */
interface JsonWithSource {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): boolean;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
}
const json = JSON as unknown as JsonWithSource;

/**
 * Matches any text that may hold a number which does not survive `JSON.stringify(JSON.parse(text))`: minus zero,
 * more than 15 digits, so small that JavaScript writes 1e-7, a trailing zero behind the point, an exponent. A
 * number stands behind one of `[ : ,` or a blank: without that, each date and UUID in a text would match.
 */
const MAY_LOSE_A_NUMBER = /[\s:,[](?:-0|-?(?:[\d.]{16}|\d+(?:\.0{6}|\.\d*0(?!\d)|(?:\.\d+)?[eE])))/;
const IS_A_NUMBER = /^\s*[-\d]/;

/**
 * Parses JSON text, keeping odd numbers as {@link RawNumber}.
 * @throws SyntaxError when the text is not JSON, or is nested deeper than {@link JSON_DEPTH_MAX}.
 */
export function parseJson(text: string): Json {
  if (isTooDeep(text)) {
    throw new SyntaxError(`Document nesting depth exceeds the maximum allowed (${JSON_DEPTH_MAX})`);
  }
  if (!MAY_LOSE_A_NUMBER.test(text) && !IS_A_NUMBER.test(text)) return JSON.parse(text) as Json;
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? json.rawJSON(source)
      : value,
  ) as Json;
}

/** Writes compact JSON text. */
export function stringifyJson(value: Json): string {
  return JSON.stringify(value);
}

const WHITE_SPACE = /[ \t\r\n]/;
/** A string, or white space between other tokens. */
const STRING_OR_WHITE_SPACE = /"(?:[^"\\]|\\.)*"|[ \t\r\n]+/g;

/** Takes the insignificant white space out of JSON text; all tokens, odd numbers included, stay as they are. */
export function compactJson(text: string): string {
  if (!WHITE_SPACE.test(text)) return text;
  return text.replace(STRING_OR_WHITE_SPACE, (token) => (token.startsWith('"') ? token : ''));
}

export function isRawNumber(value: unknown): value is RawNumber {
  return json.isRawJSON(value);
}

export function isNumber(value: Json | undefined): value is number | RawNumber {
  return typeof value === 'number' || (typeof value === 'object' && isRawNumber(value));
}

/** The nearest double of a JSON number. */
export function toNumber(value: number | RawNumber): number {
  return typeof value === 'number' ? value : Number(value.rawJSON);
}

const LONG_INTEGER = /^-?\d{16,19}$/;

/** Whether the text of a number is an integer of 64 bits that is too long for doubles to tell from its neighbours. */
export function isLongInteger(text: string): boolean {
  if (!LONG_INTEGER.test(text) || Number.isSafeInteger(Number(text))) return false;
  const integer = BigInt(text);
  return BigInt.asIntN(64, integer) === integer;
}

/** Negative, zero or positive. Integers of 64 bits compare exactly, all other numbers as doubles. */
export function compareNumbers(a: number | RawNumber, b: number | RawNumber): number {
  const difference = toNumber(a) - toNumber(b);
  if (difference !== 0) return difference;
  const [digits, others] = [numberKey(a), numberKey(b)];
  if (digits === others || !isLongInteger(digits) || !isLongInteger(others)) return 0;
  return BigInt(digits) < BigInt(others) ? -1 : 1;
}

/** Whether two numbers are equal, as {@link compareNumbers} tells it. */
export function numbersEqual(a: number | RawNumber, b: number | RawNumber): boolean {
  return a === b || (toNumber(a) === toNumber(b) && numberKey(a) === numberKey(b));
}

/** A text that is the same for {@link numbersEqual equal} numbers, and for no others. */
function numberKey(value: number | RawNumber): string {
  return isRawNumber(value) && isLongInteger(value.rawJSON) ? value.rawJSON : String(toNumber(value) + 0);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

export function isArray(value: Json | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** Own member of an object, never an inherited one (`constructor`, `__proto__`). */
export function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets a member on an object under construction; safe for the key `__proto__`. */
export function setMember(object: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** Deep equality of JSON values: numbers by {@link numbersEqual}, objects whatever the order of their members. */
export function jsonEquals(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (isNumber(a) || isNumber(b)) return isNumber(a) && isNumber(b) && numbersEqual(a, b);
  if (isArray(a))
    return isArray(b) && a.length === b.length && a.every((item, i) => jsonEquals(item, b[i] as Json));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key] as Json, b[key] as Json))
  );
}

/** A text that is the same for {@link jsonEquals equal} values, and for no others. */
export function jsonKey(value: Json): string {
  if (isNumber(value)) return numberKey(value);
  if (isArray(value)) return `[${value.map(jsonKey).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${jsonKey(value[key] as Json)}`);
  return `{${members.join()}}`;
}

/** Whether a JSON text is nested deeper than {@link JSON_DEPTH_MAX}. */
export function isTooDeep(text: string): boolean {
  if (text.length <= JSON_DEPTH_MAX) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > JSON_DEPTH_MAX) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}
