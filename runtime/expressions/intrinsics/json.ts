import {
  isArray,
  isObject,
  isRawNumber,
  isTooDeep,
  type Json,
  parseJson,
  setMember,
  stringifyJson,
} from '../../data/json.ts';
import { describeJsonFault, redactedSource } from '../../data/json-syntax.ts';
import { object, text } from './arguments.ts';
import { IntrinsicFault, invalidArguments } from './fault.ts';
import type { IntrinsicFunction } from './intrinsic-function.ts';

export const jsonFunctions = {
  JsonMerge: {
    arguments: [3, 3],
    apply: ([first, second, deep]) => {
      // AWS announces deep merging but refuses it.
      if (deep === true) throw invalidArguments();
      return { ...object(first), ...object(second) };
    },
  },
  JsonToString: { arguments: [1, 1], apply: ([value]) => stringifyJson(value as Json) },
  StringToJson: { arguments: [1, 1], apply: ([source]) => parse(text(source)) },
} satisfies Record<string, IntrinsicFunction>;

function parse(source: string): Json {
  if (source.trim() === '') return null;
  try {
    return withoutNegativeZero(parseJson(source));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new IntrinsicFault('Cannot convert String to Json', `, caused by: ${reasonFor(error, source)}`);
  }
}

/** In Jackson's words. Deep nesting is no fault of the syntax. */
function reasonFor(error: SyntaxError, source: string): string {
  const fault = isTooDeep(source) ? undefined : describeJsonFault(source, redactedSource);
  return fault === undefined ? error.message : `${fault.message}\n at ${fault.location}`;
}

/** AWS reads the integer `-0` as 0. */
function withoutNegativeZero(value: Json): Json {
  if (isRawNumber(value)) return value.rawJSON === '-0' ? 0 : value;
  if (isArray(value)) return value.map(withoutNegativeZero);
  if (!isObject(value)) return value;
  const copy: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) setMember(copy, key, withoutNegativeZero(item));
  return copy;
}
