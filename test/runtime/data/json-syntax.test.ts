import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeJsonFault, redactedSource } from '../../../runtime/data/json-syntax.ts';

const ANY_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

it.each([
  ['not a definition', `Unrecognized token 'not': was expecting ${ANY_VALUE}`, 1, 4],
  [`{'a': 1}`, `Unexpected character (''' (code 39)): was expecting double-quote to start field name`, 1, 3],
  [
    '{"a" 1}',
    "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
    1,
    7,
  ],
  [
    '{"a": 1,}',
    "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
    1,
    10,
  ],
  [
    '{"a": 1 "b"',
    "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
    1,
    10,
  ],
  ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 1, 5],
  ['[1,]', `Unexpected character (']' (code 93)): expected a valid value ${ANY_VALUE}`, 1, 5],
  ['{"a":\n tru}', `Unrecognized token 'tru': was expecting ${ANY_VALUE}`, 2, 5],
  ['"a', 'Unexpected end-of-input: was expecting closing quote for a string value', 1, 3],
  ['{"a', 'Unexpected end-of-input: was expecting closing quote in field name', 1, 4],
  ['"\\x"', "Unrecognized character escape 'x' (code 120)", 1, 4],
  [
    '"\t"',
    'Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value',
    1,
    3,
  ],
  [
    '{"a": [1',
    'Unexpected end-of-input: expected close marker for Array (start marker at [Source: (String)"{"a": [1"; line: 1, column: 7])',
    1,
    9,
  ],
  ['{} {', "Unexpected character ('{' (code 123)): was expecting the end of the text", 1, 5],
  [
    '[}',
    `Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)"[}"; line: 1, column: 1])`,
    1,
    3,
  ],
  [' ', 'No content to map due to end-of-input', 1, 2],
])('%j', (text, message, line, column) => {
  const location = `[Source: (String)"${text}"; line: ${line}, column: ${column}]`;
  expect(describeJsonFault(text)).toEqual({ message, location });
});

it('shows the beginning of a long text', () => {
  const { location } = describeJsonFault(`[${'1'.repeat(1000)}`) ?? {};
  expect(location).toBe(
    `[Source: (String)"[${'1'.repeat(499)}"[truncated 501 chars]; line: 1, column: 1002]`,
  );
});

it('shows nothing of a text that is to be hidden', () => {
  const source = 'REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)';
  expect(describeJsonFault('{"secret": [', redactedSource)).toEqual({
    message: `Unexpected end-of-input: expected close marker for Array (start marker at [Source: ${source}; line: 1, column: 12])`,
    location: `[Source: ${source}; line: 1, column: 13]`,
  });
});

it('finds no fault in JSON, and one in everything else', () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const mutilated = fc.tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom('', '"', '\\', '{', ']', ',', ':', '0', 'x', '\u0001'),
  );
  fc.assert(
    fc.property(mutilated, ([text, at, put]) => {
      expect(describeJsonFault(text)).toBeUndefined();
      const place = at % (text.length + 1);
      const changed = text.slice(0, place) + put + text.slice(place + 1);
      expect(describeJsonFault(changed) === undefined).toBe(isJson(changed));
    }),
    { numRuns: 2000 },
  );
});

it('takes any depth', () => {
  expect(describeJsonFault('['.repeat(1_000_000))?.message).toContain('expected close marker for Array');
});
