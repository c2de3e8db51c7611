import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, parseJson, stringifyJson } from '../../../runtime/data/json.ts';
import type { Path, ReferencePath } from '../../../runtime/expressions/expression.ts';
import { parseReferencePath } from '../../../runtime/expressions/reference-path.ts';
import { StateFailure } from '../../../runtime/failures/failure.ts';
import { anEnvironment, failureOf } from './an-environment.ts';

function reference(source: string): Path & ReferencePath {
  const parsed = parseReferencePath(source);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.path;
}

const write = (source: string, target: string, value: Json): string =>
  stringifyJson(reference(source).write(parseJson(target), value));

describe('writing', () => {
  it.each<[string, string, Json, string]>([
    ['$', '{"a":1}', 2, '2'],
    ['$.b', '{"a":1}', 2, '{"a":1,"b":2}'],
    ['$.a', '{"a":1,"b":2}', { c: 3 }, '{"a":{"c":3},"b":2}'],
    ['$.a.b.c', '{}', 1, '{"a":{"b":{"c":1}}}'],
    ['$.a.b', '{"a":{"c":1.0}}', 2, '{"a":{"c":1.0,"b":2}}'],
    ["$['a b']['c.d']", '{}', 1, '{"a b":{"c.d":1}}'],
    ['$.a[1]', '{"a":[1,2,3]}', 9, '{"a":[1,9,3]}'],
    ['$.a[-1].b', '{"a":[1,{"c":2}]}', 9, '{"a":[1,{"c":2,"b":9}]}'],
    ['$[0]', '[1]', 2, '[2]'],
    ['$.__proto__', '{"a":1}', 2, '{"a":1,"__proto__":2}'],
    ['$.__proto__.a', '{}', 2, '{"__proto__":{"a":2}}'],
    ['$.b', '{"__proto__":1}', 2, '{"__proto__":1,"b":2}'],
    ['$.constructor.name', '{}', 2, '{"constructor":{"name":2}}'],
  ])('%s into %s', (source, target, value, expected) => {
    expect(write(source, target, value)).toBe(expected);
  });

  it.each([
    ['$.a', '5'],
    ['$.a', '"text"'],
    ['$.a', '[]'],
    ['$.a', 'null'],
    ['$.a', '1.0'],
    ['$.a.b', '{"a":1}'],
    ['$.a.b', '{"a":null}'],
    ['$.a[0]', '{}'],
    ['$.a[0]', '{"a":{}}'],
    ['$.a[2]', '{"a":[1,2]}'],
    ['$.a[-3]', '{"a":[1,2]}'],
  ])('%s cannot be written into %s', (source, target) => {
    expect(failureOf(() => write(source, target, 1))).toMatchObject({
      error: 'States.Runtime',
      cause: `Unable to apply ReferencePath ${source} to input ${target}`,
    });
  });

  it('copies only along the path and leaves the original as it was', () => {
    const target = { a: { b: 1 }, other: { big: [1, 2, 3] } };
    const result = reference('$.a.b').write(target, 2) as typeof target;
    expect(target).toEqual({ a: { b: 1 }, other: { big: [1, 2, 3] } });
    expect(result.other).toBe(target.other);
  });

  it('what was written is what is read', () => {
    const step = fc.oneof(
      fc.stringMatching(/^[a-c]$/).map((name) => `.${name}`),
      fc.integer({ min: -2, max: 2 }).map((index) => `[${index}]`),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 4 }),
        fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
        fc.integer(),
        (steps, target, value) => {
          const path = reference(`$${steps.join('')}`);
          const before = stringifyJson(target);
          try {
            const result = path.write(target, value);
            expect(path.resolve(anEnvironment(result))).toEqual({ found: true, value });
          } catch (error) {
            expect(error).toBeInstanceOf(StateFailure);
          }
          expect(stringifyJson(target)).toBe(before);
        },
      ),
    );
  });
});

describe('reading', () => {
  it('is that of any path', () => {
    const path = reference('$.items');
    expect(path.resolve(anEnvironment({ items: [1] }))).toEqual({ found: true, value: [1] });
    expect(path).toMatchObject({ source: '$.items', isRoot: false, definite: true });
    expect(reference('$').isRoot).toBe(true);
    expect(
      reference('$$.Map.Item.Value').resolve(anEnvironment(1, { context: { Map: { Item: { Value: 7 } } } })),
    ).toEqual({ found: true, value: 7 });
    expect(reference('$total').resolve(anEnvironment(1, { variables: { total: 3 } }))).toEqual({
      found: true,
      value: 3,
    });
  });
});

describe('what is no reference path', () => {
  it.each(['', 'a', '.a', '@.a', ' $'])('%j does not start with $', (source) => {
    expect(parseReferencePath(source)).toEqual({
      ok: false,
      message: "Value is not a Reference Path: Reference path didn't start with '$'",
    });
  });

  it.each([
    '$.a[*]',
    '$.*',
    '$..a',
    '$[0,1]',
    "$['a','b']",
    '$[1:2]',
    '$[?(@.a)]',
    '$.a.length()',
    '$.a[',
    '$.',
    '$.a b',
    `$${'.a'.repeat(501)}`,
  ])('%s', (source) => {
    const parsed = parseReferencePath(source);
    expect(parsed.ok ? 'accepted' : parsed.message).toMatch(/^Value is not a Reference Path: /);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const source of [text, `$${text}`, `$.a[${text}]`]) parseReferencePath(source);
      }),
    );
  });
});
