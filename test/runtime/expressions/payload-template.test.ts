import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, parseJson, stringifyJson } from '../../../runtime/data/json.ts';
import type { Template } from '../../../runtime/expressions/expression.ts';
import { compilePayloadTemplate } from '../../../runtime/expressions/payload-template.ts';
import { StateFailure } from '../../../runtime/failures/failure.ts';
import { anEnvironment, failureOf } from './an-environment.ts';

function template(source: Json): Template {
  const compiled = compilePayloadTemplate(source);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.template;
}

const evaluate = (source: Json, input: Json, context: JsonObject = {}): Json =>
  template(source).evaluate(anEnvironment(input, { context, variables: { total: 7 } }));

describe('a payload template', () => {
  it.each<[string, Json, Json, Json]>([
    ['a path', { 'a.$': '$.x' }, { x: 1 }, { a: 1 }],
    ['the input', { 'a.$': '$' }, { x: 1 }, { a: { x: 1 } }],
    ['the context object', { 'a.$': '$$.Execution.Name' }, {}, { a: 'run' }],
    ['a variable', { 'a.$': '$total' }, {}, { a: 7 }],
    ['an intrinsic function', { 'a.$': "States.Format('{}!', $.x)" }, { x: 'y' }, { a: 'y!' }],
    ['objects inside', { a: { 'b.$': '$.x', c: 1 } }, { x: 2 }, { a: { b: 2, c: 1 } }],
    [
      'objects in arrays',
      { a: [{ 'b.$': '$.x' }, '$.x', 1, [{ 'c.$': '$.x' }]] },
      { x: 2 },
      { a: [{ b: 2 }, '$.x', 1, [{ c: 2 }]] },
    ],
    ['an array as a whole', [{ 'b.$': '$.x' }, 5], { x: 2 }, [{ b: 2 }, 5]],
    [
      'texts that look like paths',
      { a: '$.x', b: '$$', c: 'States.UUID()' },
      {},
      { a: '$.x', b: '$$', c: 'States.UUID()' },
    ],
    ['constants', { a: null, b: [], c: {} }, {}, { a: null, b: [], c: {} }],
    [
      'a filter (recorded)',
      { 'FromInput.$': '$.users[?(@.status == 0)]' },
      {
        users: [
          { year: 1997, status: 0 },
          { year: 1998, status: 1 },
        ],
      },
      { FromInput: [{ year: 1997, status: 0 }] },
    ],
    [
      'an index within the array (recorded)',
      { 'item.$': '$.items[0]' },
      { items: [{ k: 0 }] },
      { item: { k: 0 } },
    ],
    ['an index past the end', { 'item.$': '$.items[10]' }, { items: [1] }, { item: null }],
    [
      'an indefinite path without a match (recorded)',
      { 'item.$': '$.item.items[1:5].itemValue' },
      {},
      { item: [] },
    ],
    ['an empty name', { '.$': '$.x' }, { x: 1 }, { '': 1 }],
  ])('takes %s', (_what, source, input, expected) => {
    expect(evaluate(source, input, { Execution: { Name: 'run' } })).toEqual(expected);
  });

  it('keeps the order of members and the spelling of numbers', () => {
    const source = parseJson('{"z":1.0,"a.$":"$.n","m":{"y.$":"$.n","b":1e3}}');
    expect(stringifyJson(evaluate(source, parseJson('{"n":2.50}')))).toBe(
      '{"z":1.0,"a":2.50,"m":{"y":2.50,"b":1e3}}',
    );
  });

  it('shares what is constant', () => {
    const constant = { big: [1, 2, 3] };
    const result = evaluate({ constant, 'x.$': '$.x' }, { x: constant }) as { constant: Json; x: Json };
    expect(result.constant).toBe(constant);
    expect(result.x).toBe(constant);
    expect(evaluate(constant, {})).toBe(constant);
  });

  it('takes __proto__ and constructor as ordinary names', () => {
    const source = parseJson('{"__proto__":{"a":1},"__proto__.$":"$.x"}');
    expect(compilePayloadTemplate(source).ok).toBe(false);
    expect(stringifyJson(evaluate(parseJson('{"__proto__.$":"$.x","constructor":1}'), { x: 5 }))).toBe(
      '{"__proto__":5,"constructor":1}',
    );
  });
});

describe('a path that leads nowhere', () => {
  it.each<[Json, Json, string]>([
    [
      { 'value.$': '$.x' },
      { a: 1 },
      `The JSONPath '$.x' specified for the field 'value.$' could not be found in the input '{"a":1}'`,
    ],
    [
      { deep: [{ 'b.$': '$.x.y' }] },
      {},
      `The JSONPath '$.x.y' specified for the field 'b.$' could not be found in the input '{}'`,
    ],
    [
      { 'value.$': '$$.Execution.Input.no_such_jsonpath' },
      { 'int-literal': 0 },
      `The JSONPath '$$.Execution.Input.no_such_jsonpath' specified for the field 'value.$' could not be found in the input '{"int-literal":0}'`,
    ],
    [
      { 'value.$': '$nothing' },
      1,
      "The JSONPath '$nothing' specified for the field 'value.$' could not be found in the input '1'",
    ],
  ])('%j fails the state with AWS’s text', (source, input, cause) => {
    expect(failureOf(() => evaluate(source, input))).toMatchObject({ error: 'States.Runtime', cause });
  });
});

describe('what is no template', () => {
  it.each<[Json, string]>([
    [{ 'x.$': 'plain' }, 'x.$'],
    [{ 'x.$': '$.' }, 'x.$'],
    [{ 'x.$': 5 }, 'x.$'],
    [{ 'x.$': null }, 'x.$'],
    [{ 'x.$': { a: 1 } }, 'x.$'],
    [{ 'x.$': 'States.Unknown()' }, 'x.$'],
    [{ 'parsed.$': `States.Format('He said, \\"Hello, {}!\\"', 'Test \\"Name\\" Here')` }, 'parsed.$'],
    [{ a: [{ b: { 'c.$': '' } }] }, 'c.$'],
  ])('%j', (source, field) => {
    expect(compilePayloadTemplate(source)).toEqual({
      ok: false,
      problems: [
        {
          field,
          message: `The value for the field '${field}' must be a valid JSONPath or a valid intrinsic function call`,
        },
      ],
    });
  });

  it('reports every fault, and a member that is given twice', () => {
    const compiled = compilePayloadTemplate({ a: 1, 'a.$': '$.a', 'b.$': '', c: { 'd.$': 'no' } });
    expect(compiled.ok ? [] : compiled.problems.map(({ field }) => field)).toEqual(['a.$', 'b.$', 'd.$']);
  });
});

it('no template and no input makes anything but a failure of the state be thrown', () => {
  const dynamic = fc.oneof(
    fc.constantFrom('$.a', '$', '$$.x', "States.Format('{}', $.a)", 'States.Array($..a)', '$.a[0]'),
    fc.string({ unit: 'binary' }),
  );
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b.$', 'c.$', '__proto__', '.$'), fc.oneof(dynamic, tie('tree')), {
        maxKeys: 3,
      }),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>, (source, input) => {
      const compiled = compilePayloadTemplate(source);
      if (!compiled.ok) return;
      try {
        expect(JSON.parse(stringifyJson(compiled.template.evaluate(anEnvironment(input))))).toBeDefined();
      } catch (error) {
        if (!(error instanceof StateFailure)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
