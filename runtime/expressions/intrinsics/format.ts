import { isArray, isNumber, isObject, type Json, stringifyJson } from '../../data/json.ts';
import { text } from './arguments.ts';
import { IntrinsicFault, invalidArguments } from './fault.ts';

/** States.Format: each `{}` takes the next value; `\{`, `\}` and `\\` stand for themselves. */
export function format([template, ...values]: readonly Json[]): string {
  const source = text(template);
  let result = '';
  let used = 0;
  for (let at = 0; at < source.length; at++) {
    const character = source[at] as string;
    if (character === '\\' && /[\\{}]/.test(source[at + 1] ?? '')) result += source[++at];
    else if (character === '}') throw unmatched('{', '}');
    else if (character !== '{') result += character;
    else {
      if (source[++at] !== '}') throw unmatched('}', '{');
      const value = values[used++];
      if (value === undefined) throw invalidArguments();
      result += inserted(value);
    }
  }
  if (used !== values.length) throw invalidArguments();
  return result;
}

function unmatched(missing: string, found: string): IntrinsicFault {
  return new IntrinsicFault('Invalid template', `: matching '${missing}' not found for '${found}'.`);
}

/** A value as AWS inserts it: `{a=1, b=[x, null]}`, the way Java writes its maps and lists. */
function inserted(value: Json): string {
  if (typeof value === 'string') return value;
  if (isNumber(value)) return stringifyJson(value);
  if (isArray(value)) return `[${value.map(inserted).join(', ')}]`;
  if (!isObject(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}=${inserted(item)}`)
    .join(', ')}}`;
}
