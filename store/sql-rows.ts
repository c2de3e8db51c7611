/** What a statement returns, as JSON text (the table of types is in docs/sql-tasks.md). */
import { compactJson, isTooDeep } from '../runtime/data/json.ts';

/** A column, as Postgres describes it. */
export interface SqlColumn {
  readonly name: string;
  /** Of its type. */
  readonly dataTypeID: number;
}

/** @param rows values in Postgres's text format */
export function rowsToJson(
  columns: readonly SqlColumn[],
  rows: readonly (readonly (string | null)[])[],
): string {
  const members = columns.map(({ name, dataTypeID }) => {
    const write = JSON_OF.get(dataTypeID) ?? JSON.stringify;
    return (value: string | null) => `${JSON.stringify(name)}:${value === null ? 'null' : write(value)}`;
  });
  const objects = rows.map((row) => `{${members.map((member, index) => member(row[index] ?? null)).join()}}`);
  return `[${objects.join()}]`;
}

/** A name that stands for more than one column; undefined: all are different. */
export function repeatedName(columns: readonly SqlColumn[]): string | undefined {
  const names = columns.map(({ name }) => name);
  return names.find((name, index) => names.indexOf(name) < index);
}

type WriteJson = (text: string) => string;

/** By the ids of types, which are the same in all databases: the type, its arrays, how it is written. */
const TYPES: readonly (readonly [type: number, array: number, write: WriteJson])[] = [
  [16, 1000, (text) => (text === 't' ? 'true' : 'false')], // bool
  [17, 1001, base64], // bytea
  [20, 1016, integer], // int8
  [21, 1005, integer], // int2
  [23, 1007, integer], // int4
  [26, 1028, integer], // oid
  [700, 1021, float], // float4
  [701, 1022, float], // float8
  [1700, 1231, decimal], // numeric
  [114, 199, json], // json
  [3802, 3807, json], // jsonb
  [1114, 1115, time], // timestamp
  [1184, 1185, time], // timestamptz
  [1082, 1182, JSON.stringify], // date
  [1083, 1183, JSON.stringify], // time
  [1266, 1270, JSON.stringify], // timetz
  [1186, 1187, JSON.stringify], // interval
  [25, 1009, JSON.stringify], // text
  [1043, 1015, JSON.stringify], // varchar
  [1042, 1014, JSON.stringify], // char(n)
  [18, 1002, JSON.stringify], // "char"
  [19, 1003, JSON.stringify], // name
  [2950, 2951, JSON.stringify], // uuid
];

const JSON_OF: ReadonlyMap<number, WriteJson> = new Map(
  TYPES.flatMap(([type, array, write]): [number, WriteJson][] => [
    [type, write],
    [array, (text) => arrayToJson(text, write)],
  ]),
);

/** Beyond 2^53 a reader of JSON would get another number: those are strings. */
function integer(text: string): string {
  return Number.isSafeInteger(Number(text)) ? text : JSON.stringify(text);
}

/** Infinity and NaN are no JSON. */
function float(text: string): string {
  return Number.isFinite(Number(text)) ? String(Number(text)) : JSON.stringify(text);
}

/** A double keeps 15 digits of every decimal number. */
const SIGNIFICANT_DIGITS = 15;

function decimal(text: string): string {
  const digits = text.replace(/^-?[0.]*|\./g, '');
  return /^-?\d+(?:\.\d+)?$/.test(text) && digits.length <= SIGNIFICANT_DIGITS ? text : JSON.stringify(text);
}

/** As it is. What no reader here could read again is a string. */
function json(text: string): string {
  return isTooDeep(text) ? JSON.stringify(text) : compactJson(text);
}

/** ISO 8601. Infinity, and what a session's own DateStyle makes, stay as they are. */
function time(text: string): string {
  const match = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00|([+-]\d\d)(?::?(\d\d))?)?$/.exec(text);
  if (match === null) return JSON.stringify(text);
  const [, date, timeOfDay, hours, minutes = '00'] = match;
  const zone = hours !== undefined ? `${hours}:${minutes}` : text.endsWith('+00') ? 'Z' : '';
  return JSON.stringify(`${date}T${timeOfDay}${zone}`);
}

function base64(text: string): string {
  return JSON.stringify(text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex').toString('base64') : text);
}

/** A quoted element, or a plain one, or what stands between elements. */
const ARRAY_TOKEN = /"((?:[^"\\]|\\.)*)"|([^{},"]+)|([{},])/gs;

/**
 * An array in Postgres's text format: `{1,NULL,"a b"}`, `{{1},{2}}`, and `[0:1]={1,2}`, whose bounds are left out.
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
function arrayToJson(text: string, write: WriteJson): string {
  const tokens = text.slice(text.indexOf('{')).matchAll(ARRAY_TOKEN);
  return [...tokens]
    .map(([, quoted, plain, mark]) => {
      if (mark !== undefined) return mark === '{' ? '[' : mark === '}' ? ']' : ',';
      if (quoted !== undefined) return write(quoted.replace(/\\(.)/gs, '$1'));
      return plain === 'NULL' ? 'null' : write(plain as string);
    })
    .join('');
}
