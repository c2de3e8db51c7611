/** The doors of the expression languages: garbage is refused with a message, and what is accepted gives a value or fails its state. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../runtime/data/json.ts';
import { JsonataPending, type JsonataRequest } from '../../runtime/expressions/environment.ts';
import type { Template } from '../../runtime/expressions/expression.ts';
import { parseIntrinsic } from '../../runtime/expressions/intrinsics/intrinsic.ts';
import { compileJsonata, evaluateJsonata } from '../../runtime/expressions/jsonata.ts';
import { parsePath } from '../../runtime/expressions/jsonpath/path.ts';
import { compilePayloadTemplate } from '../../runtime/expressions/payload-template.ts';
import { parseReferencePath } from '../../runtime/expressions/reference-path.ts';
import { StateFailure } from '../../runtime/failures/failure.ts';
import { anEnvironment } from '../runtime/expressions/an-environment.ts';
import { patience, runs } from '../support/runs.ts';
import { damaged, disturbed, JAVASCRIPT_FAULT } from './mutations.ts';

const PATHS = [
  '$',
  '$$',
  '$.a.b[0].c',
  "$['a']['b.c'][-1]",
  '$..x',
  '$.list[*].x',
  '$.list[0,1]',
  '$.list[1:5:2]',
  '$v.a',
  '$.list[?(@.price < 10 && @.name =~ /a.*z/i)]',
  "$.list[?(@.x in ['a', 1] || !@.y)]",
  '$.list.length()',
  '$$.Map.Item.Value',
  '$.a[?(@.b == $.c)]..d',
  '$.list[?(@.x nin [1] && @.y size 2)]',
];
const CALLS = [
  "States.Format('{} of {}', $.a, 1)",
  'States.Array(1, $.a, null)',
  'States.ArrayPartition($.list, 2)',
  'States.ArrayContains($.list, 1)',
  'States.ArrayRange(1, 9, 2)',
  'States.ArrayGetItem($.list, 0)',
  'States.ArrayLength($.list)',
  'States.ArrayUnique($.list)',
  "States.Base64Encode('ä')",
  "States.Base64Decode('w6Q=')",
  "States.Hash('a', 'SHA-256')",
  'States.JsonMerge($.a, $.b, false)',
  'States.StringToJson(\'{"a":1}\')',
  'States.JsonToString($.a)',
  'States.MathRandom(1, 10)',
  'States.MathAdd($.n, -1)',
  "States.StringSplit('a,b', ',')",
  "States.Format(States.Format('\\'{}\\'', States.UUID()), $$.Execution.Id)",
];
const JSONATA = [
  '$states.input.list[price > 10].name',
  '$sum(list.(price * count))',
  '{"a": $v.a & "x", "b": [1..5]}',
  '$map([1,2,3], function($i) { $i * 2 })',
  '($f := function($n) { $n < 1 ? 0 : $f($n - 1) }; $f(10))',
  '$replace("abc", /b+/, "x")',
  'list^(>price)[0]',
  '$partition([1,2,3], 2)',
  '$range(1, 10, 3)',
  '$hash("a", "MD5")',
  'list ~> |$|{"seen": true}, ["x"]|',
  '$now() & $string($millis())',
  'list{name: $sum(price)}',
  '$parse("[1]")',
  '**.x',
  'list@$l.$l.x',
  'list#$i[$i = 1]',
  '$formatNumber(12345.6, "#,##0.00")',
  '$reduce([1,2], function($a, $b){$a+$b})',
];

const DATA: Json = {
  a: { b: [{ c: 1 }, 'x'], 'b.c': [1, 2] },
  list: [{ x: 1, price: 5, count: 2, name: 'abz' }, { x: 'a', y: [1, 2] }, 1, 'text', null, [1, [2]]],
  n: 5,
  text: 'ä\u0000\ud800',
};
const ENVIRONMENT = anEnvironment(DATA, {
  context: { Execution: { Id: 'x' }, Map: { Item: { Value: 1, Index: 0 } } },
  variables: { v: { a: [1, 2, { x: 1 }] } },
});

test(
  'JSONPath',
  () => {
    fc.assert(
      fc.property(damaged(PATHS), (source) => {
        const parsed = parsePath(source);
        if (!parsed.ok) return void expect(parsed.message).not.toBe('');
        const { path } = parsed;
        const result = orFailure(() => path.resolve(ENVIRONMENT));
        if (result instanceof StateFailure) return;
        if (result.found) expectJson(result.value);
        else expect(typeof result.message).toBe('string');
      }),
      { numRuns: runs(4000) },
    );
  },
  patience(30_000),
);

test(
  'reference paths',
  () => {
    fc.assert(
      fc.property(damaged(PATHS), (source) => {
        const parsed = parseReferencePath(source);
        if (!parsed.ok) return void expect(parsed.message).not.toBe('');
        const { path } = parsed;
        const written = orFailure(() => path.write(DATA, 1));
        if (!(written instanceof StateFailure)) expectJson(written);
      }),
      { numRuns: runs(2000) },
    );
  },
  patience(30_000),
);

test(
  'intrinsic functions',
  () => {
    fc.assert(
      fc.property(damaged(CALLS), (source) => {
        const parsed = parseIntrinsic(source);
        if (parsed.ok) expectValueOrFailure(parsed.template);
        else expect(parsed.message).not.toBe('');
      }),
      { numRuns: runs(4000) },
    );
  },
  patience(30_000),
);

test(
  'payload templates',
  () => {
    const template = {
      'a.$': '$.a',
      list: [{ 'x.$': CALLS[0] }, 1],
      deep: { 'v.$': '$v', 'c.$': '$$.Execution.Id' },
    };
    const dynamic = damaged([...PATHS, ...CALLS]).map((source) => ({
      'x.$': source,
      y: [{ 'z.$': source }],
    }));
    fc.assert(
      fc.property(fc.oneof(disturbed([template]), dynamic), (source) => {
        const compiled = compilePayloadTemplate(source as Json);
        if (compiled.ok) expectValueOrFailure(compiled.template);
        else for (const { field, message } of compiled.problems) expect(message).toContain(field);
      }),
      { numRuns: runs(2000) },
    );
  },
  patience(30_000),
);

test(
  'JSONata',
  async () => {
    const structure = { a: '{% list %}', b: ['{% $v %}', { c: '{% n + 1 %}' }], d: 1 };
    const expression = damaged(JSONATA).map((source) => ({ x: `{%${source}%}` }));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 4, arbitrary: expression }, disturbed([structure])),
        async (source) => {
          const compiled = compileJsonata(source as Json, 'Output');
          if (!compiled.ok) {
            for (const { field, message } of compiled.problems) {
              expect(field).toMatch(/^Output/);
              expect(message).not.toBe('');
            }
            return;
          }
          for (const request of requestsOf(compiled.template)) {
            const outcome = await evaluateJsonata(request);
            if (outcome.kind === 'value') expectJson(outcome.value);
            else
              expect(outcome).toMatchObject({
                error: 'States.QueryEvaluationError',
                cause: expect.any(String),
              });
          }
        },
      ),
      { numRuns: runs(1500) },
    );
  },
  patience(60_000),
);

/** What a template wants to have evaluated. */
function requestsOf(template: Template): readonly JsonataRequest[] {
  try {
    template.evaluate({
      ...ENVIRONMENT,
      jsonata: (requests) => {
        throw new JsonataPending(requests);
      },
    });
    return [];
  } catch (pending) {
    if (pending instanceof JsonataPending) return pending.requests;
    throw pending;
  }
}

function expectValueOrFailure(template: Template): void {
  const value = orFailure(() => template.evaluate(ENVIRONMENT));
  if (value instanceof StateFailure) expect(value.cause).not.toMatch(JAVASCRIPT_FAULT);
  else expectJson(value);
}

/** @throws whatever is no failure of a state: a bug */
function orFailure<T>(evaluate: () => T): T | StateFailure {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof StateFailure) return error;
    throw error;
  }
}

/** It can be written and read again. */
function expectJson(value: Json): void {
  const text = JSON.stringify(value);
  expect(typeof text).toBe('string');
  JSON.parse(text);
}
