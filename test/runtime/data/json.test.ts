import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isObject,
  isRawNumber,
  JSON_DEPTH_MAX,
  type Json,
  jsonEquals,
  jsonKey,
  member,
  parseJson,
  setMember,
  stringifyJson,
  toNumber,
} from '../../../runtime/data/json.ts';

const plainNumbers = [
  '0',
  '1',
  '-1',
  '0.1',
  '1.5',
  '-2.25',
  '100',
  '999999999999999',
  '0.000001',
  '0.30000000000000004',
];
const oddNumbers = [
  '-0',
  '-0.0',
  '1.0',
  '1.10',
  '1e3',
  '1E3',
  '1e-3',
  '1E+2',
  '-1.5e10',
  '1e400',
  '0.0000001',
  '1152921504606846976',
  '9007199254740993',
  '123456789012345678901234567890',
  '9999.9999999999999',
  '0.12345678901234567',
];

describe('parseJson', () => {
  it.each([...plainNumbers, ...oddNumbers])('writes %s back as it came, wherever it stands', (number) => {
    for (const text of [
      number,
      `[${number}]`,
      `[0,${number},1]`,
      `{"a":${number}}`,
      `{"a":{"b":[[${number}]]}}`,
    ]) {
      expect(stringifyJson(parseJson(text))).toBe(text);
    }
  });

  it.each(plainNumbers)('makes %s a plain number', (number) => {
    expect(parseJson(`[${number}]`)).toEqual([Number(number)]);
  });

  it.each(oddNumbers)('keeps the text of %s', (number) => {
    const value = parseJson(number);
    expect(isRawNumber(value) || String(value) === number).toBe(true);
  });

  it('leaves numbers inside texts alone', () => {
    const text =
      '{"at":"2024-01-05T10:00:00.0Z","id":"18df4522-474d-4076-875d-bcfb2fb70709","n":"[1.0, 1e3]"}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('writes back any text of JSON numbers', () => {
    const number = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,20})?([eE][-+]?\d{1,3})?$/);
    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        const text = `[${numbers.join()}]`;
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
    );
  });

  it('reads any other JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        expect(JSON.parse(stringifyJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('takes the deepest nesting that is allowed, and refuses one more', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(stringifyJson(parseJson(nested(JSON_DEPTH_MAX)))).toBe(nested(JSON_DEPTH_MAX));
    expect(() => parseJson(nested(JSON_DEPTH_MAX + 1))).toThrow(
      /nesting depth exceeds the maximum allowed \(1000\)/,
    );
    expect(() => parseJson('{"a":'.repeat(100_000))).toThrow(SyntaxError);
  });

  it('does not count brackets inside texts as nesting', () => {
    const text = JSON.stringify(`\\"${'['.repeat(5000)}`);
    expect(parseJson(text)).toBe(JSON.parse(text));
  });

  it('keeps __proto__ and constructor as ordinary members', () => {
    const text = '{"__proto__":{"x":1.0},"constructor":2}';
    const value = parseJson(text);
    expect(stringifyJson(value)).toBe(text);
    expect(isObject(value) && member(value, 'x')).toBeUndefined();
  });

  it('keeps lone surrogates and U+0000', () => {
    expect(parseJson('"\\ud800\\u0000"')).toBe('\ud800\u0000');
    expect(stringifyJson('\ud800\u0000')).toBe('"\\ud800\\u0000"');
  });

  it.each(['', '{', '[1,]', "{'a':1}", 'undefined', '01', '1.', '.5', 'NaN'])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

describe('members', () => {
  it('are own ones only', () => {
    expect(member({}, 'constructor')).toBeUndefined();
    expect(member({}, '__proto__')).toBeUndefined();
  });

  it('can be set under any name', () => {
    const object: Record<string, Json> = {};
    setMember(object, '__proto__', { polluted: true });
    setMember(object, 'a', 1);
    expect(stringifyJson(object)).toBe('{"__proto__":{"polluted":true},"a":1}');
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});

describe('equality', () => {
  it('compares numbers by value, whatever their spelling', () => {
    expect(jsonEquals(parseJson('1.0'), 1)).toBe(true);
    expect(jsonEquals(parseJson('[1e2]'), [100])).toBe(true);
    expect(toNumber(parseJson('1e2') as number)).toBe(100);
  });

  it.each([
    ['{"a":1,"b":[2]}', '{"b":[2],"a":1}', true],
    ['[]', '{}', false],
    ['null', 'false', false],
    ['"1"', '1', false],
    ['{"a":1}', '{"a":1,"b":2}', false],
    ['{"__proto__":1}', '{"a":1}', false],
    ['9007199254740993', '9007199254740992', false],
    ['[1234567890123456781]', '[1234567890123456782]', false],
    ['-9223372036854775808', '-9223372036854775808', true],
    ['9007199254740992.0', '9007199254740992', true],
    ['1e400', '2e400', true],
  ])('%s and %s: %s', (a, b, equal) => {
    expect(jsonEquals(parseJson(a), parseJson(b))).toBe(equal);
    expect(jsonKey(parseJson(a)) === jsonKey(parseJson(b))).toBe(equal);
  });

  it('agrees with the equality of keys', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(jsonKey(a) === jsonKey(b)).toBe(jsonEquals(a, b));
        expect(jsonKey(a)).toBe(jsonKey(parseJson(stringifyJson(a))));
      }),
    );
  });
});
