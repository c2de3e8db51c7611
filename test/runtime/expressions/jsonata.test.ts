import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { type Json, parseJson, stringifyJson } from '../../../runtime/data/json.ts';
import type {
  Environment,
  JsonataOutcome,
  JsonataRequest,
} from '../../../runtime/expressions/environment.ts';
import type { Template } from '../../../runtime/expressions/expression.ts';
import { compileJsonata, evaluateJsonata } from '../../../runtime/expressions/jsonata.ts';
import { anEnvironment, failureOf } from './an-environment.ts';

function template(source: Json, field = 'Output'): Template {
  const compiled = compileJsonata(source, field);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.template;
}

/** Evaluates as a step does: it asks, is answered, and runs again. */
async function evaluate(source: Json, environment: Environment, field = 'Output'): Promise<Json> {
  const compiled = template(source, field);
  let asked: readonly JsonataRequest[] = [];
  const ask = {
    ...environment,
    jsonata: (requests: readonly JsonataRequest[]) => {
      asked = requests;
      throw new Asked();
    },
  };
  try {
    return compiled.evaluate(ask);
  } catch (error) {
    if (!(error instanceof Asked)) throw error;
  }
  const outcomes = await Promise.all(asked.map(evaluateJsonata));
  return compiled.evaluate({ ...environment, jsonata: () => outcomes });
}
class Asked extends Error {}

async function outcomeOf(
  expression: string,
  input: Json = {},
  variables: Record<string, Json> = {},
): Promise<JsonataOutcome> {
  const environment = anEnvironment(input, { context: { Execution: { Name: 'run' } }, variables });
  return evaluateJsonata({ expression: { source: expression, field: 'Output' }, environment });
}

async function value(
  expression: string,
  input: Json = {},
  variables: Record<string, Json> = {},
): Promise<Json> {
  const outcome = await outcomeOf(expression, input, variables);
  if (outcome.kind === 'failure') throw new Error(outcome.cause);
  return outcome.value;
}

/** What AWS says behind "The JSONata expression '…' specified for the field 'Output' ". */
async function faultOf(expression: string, input: Json = {}): Promise<string> {
  const outcome = await outcomeOf(expression, input);
  if (outcome.kind === 'value') throw new Error(`${expression} is ${JSON.stringify(outcome.value)}`);
  expect(outcome).toMatchObject({ error: 'States.QueryEvaluationError', location: 'Output' });
  const prefix = `The JSONata expression '${expression}' specified for the field 'Output' `;
  expect(outcome.cause.startsWith(prefix)).toBe(true);
  return outcome.cause.slice(prefix.length);
}

describe('a structure with expressions', () => {
  const environment = anEnvironment(
    { input_value: 'string literal', input_values: [1, 2, 3] },
    {
      variables: { var_constant_1: 1, var_input_value: 'string literal' },
      context: { State: { Name: 'State0' } },
    },
  );

  it.each<[string, Json, Json]>([
    ['an expression as a whole', '{% $sum($states.input.input_values) + $var_constant_1 %}', 7],
    [
      'no expression',
      { a: null, b: [], c: ' {% states.input %} ', 'd.$': '$.x', e: "States.Format('x')" },
      { a: null, b: [], c: ' {% states.input %} ', 'd.$': '$.x', e: "States.Format('x')" },
    ],
    [
      'expressions at any depth',
      [
        null,
        0,
        '$nosuchvar',
        '{% $states.input.input_value %}',
        { key: '{% true %}', list: [['{% 1 %}', 2]] },
      ],
      [null, 0, '$nosuchvar', 'string literal', { key: true, list: [[1, 2]] }],
    ],
    ['the context object', { name: '{% $states.context.State.Name %}' }, { name: 'State0' }],
    ['variables', { v: '{% $var_input_value %}' }, { v: 'string literal' }],
    ['an expression over several lines', '{%\n  1\n  + 1\n%}', 2],
    ['keys as they are', { '{% 1 %}': 1 }, { '{% 1 %}': 1 }],
    [
      'texts that only begin or end like one',
      ['{% 1', '1 %}', '{%}', '{% 1 %} '],
      ['{% 1', '1 %}', '{%}', '{% 1 %} '],
    ],
  ])('takes %s', async (_what, source, expected) => {
    expect(await evaluate(source, environment)).toEqual(expected);
  });

  it('asks for all its expressions at once, each with its field', () => {
    const asked: string[][] = [];
    const answer = (requests: readonly JsonataRequest[]): JsonataOutcome[] => {
      asked.push(requests.map(({ expression }) => `${expression.field} = ${expression.source}`));
      return requests.map((_request, i) => ({ kind: 'value', value: i }));
    };
    const compiled = template(
      { v: '{% $a %}', list: [0, '{%$b%}', { deep: '{% $c %}' }] },
      'Choices[1]/Output',
    );
    expect(compiled.evaluate({ ...environment, jsonata: answer })).toEqual({
      v: 0,
      list: [0, 1, { deep: 2 }],
    });
    expect(asked).toEqual([
      ['Choices[1]/Output/v = $a', 'Choices[1]/Output/list[1] = $b', 'Choices[1]/Output/list[2]/deep = $c'],
    ]);
  });

  it('asks for nothing when there is no expression, and shares the constant', () => {
    const source = { a: [1, 2] };
    expect(template(source).evaluate(environment)).toBe(source);
  });

  it('fails with its first failure', () => {
    const outcomes: JsonataOutcome[] = [
      { kind: 'value', value: 1 },
      { kind: 'failure', error: 'States.QueryEvaluationError', cause: 'first', location: 'Output/b' },
      { kind: 'failure', error: 'States.QueryEvaluationError', cause: 'second', location: 'Output/c' },
    ];
    const compiled = template({ a: '{% 1 %}', b: '{% 2 %}', c: '{% 3 %}' });
    expect(failureOf(() => compiled.evaluate({ ...environment, jsonata: () => outcomes }))).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause: 'first',
      location: 'Output/b',
    });
  });

  it('names the field of what returned nothing (recorded)', async () => {
    await expect(
      evaluate({ FunctionName: '{% $doesNotExist %}' }, environment, 'Arguments'),
    ).rejects.toMatchObject({
      error: 'States.QueryEvaluationError',
      cause:
        "The JSONata expression '$doesNotExist' specified for the field 'Arguments/FunctionName' returned nothing (undefined).",
      location: 'Arguments/FunctionName',
    });
  });

  it('keeps __proto__ as an ordinary member', async () => {
    const source = parseJson('{"__proto__":"{% 1 %}","a":{"__proto__":2}}');
    expect(stringifyJson(await evaluate(source, environment))).toBe('{"__proto__":1,"a":{"__proto__":2}}');
  });
});

describe('what is refused when a definition is read', () => {
  it.each([
    ['$states.input[', 'INVALID_JSONATA_EXPRESSION', 'Expected "]" before end of expression'],
    ['[1;2]', 'INVALID_JSONATA_EXPRESSION', 'Expected "]", got ";"'],
    ['', 'INVALID_JSONATA_EXPRESSION', 'Unexpected end of expression'],
    ['phone', 'UNSUPPORTED_JSONATA_EXPRESSION', "Reference to 'phone' at the top level is not supported."],
    [
      'phone.number[0]',
      'UNSUPPORTED_JSONATA_EXPRESSION',
      "Reference to 'phone' at the top level is not supported.",
    ],
    [
      '$sum(prices)',
      'UNSUPPORTED_JSONATA_EXPRESSION',
      "Reference to 'prices' at the top level is not supported.",
    ],
    [
      '{"a": name}',
      'UNSUPPORTED_JSONATA_EXPRESSION',
      "Reference to 'name' at the top level is not supported.",
    ],
    ['(1; name)', 'UNSUPPORTED_JSONATA_EXPRESSION', "Reference to 'name' at the top level is not supported."],
    ['$$', 'UNSUPPORTED_JSONATA_EXPRESSION', "Reference to '$$' is not supported."],
    ['$states.input.a[b = $$.c]', 'UNSUPPORTED_JSONATA_EXPRESSION', "Reference to '$$' is not supported."],
    [
      '$match("a", /(?<=a)b/)',
      'INVALID_JSONATA_EXPRESSION',
      'Lookbehinds and inline flags are not supported in regular expressions',
    ],
    [
      '$match("a", /(a)\\1/)',
      'INVALID_JSONATA_EXPRESSION',
      'Back-references are not supported in regular expressions',
    ],
  ])('%s: %s', (expression, code, message) => {
    expect(compileJsonata({ x: `{% ${expression} %}` }, 'Output')).toEqual({
      ok: false,
      problems: [{ field: 'Output/x', code, message }],
    });
  });

  it.each([
    '$states.input.a[b = c].d',
    '$states.input.items{id: $sum(price)}',
    '$states.input.items^(>price).name',
    '$states.input ~> |items|{"x": price}, ["y"]|',
    '$map($states.input, function($v) { $v.name })',
    '$x[name = "a"]',
    '$x{name: price}',
    '{"name": 1}',
  ])('%s is none of it', (expression) => {
    expect(compileJsonata(`{% ${expression} %}`, 'Output').ok).toBe(true);
  });

  it('reports every fault', () => {
    const compiled = compileJsonata({ a: '{% ( %}', b: ['{% x + y %}'] }, 'Assign');
    expect(compiled.ok ? [] : compiled.problems.map(({ field }) => field)).toEqual([
      'Assign/a',
      'Assign/b[0]',
      'Assign/b[0]',
    ]);
  });

  it('never throws, whatever the source', () => {
    for (const hostile of [
      '('.repeat(100_000),
      '['.repeat(50_000),
      `1${'+1'.repeat(100_000)}`,
      '-'.repeat(100_000),
      `$a${'.b'.repeat(10_000)}`,
    ]) {
      compileJsonata(`{% ${hostile} %}`, 'Output');
    }
    const token = fc.constantFrom(
      '$',
      '$$',
      '$a',
      'a',
      '.',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '"x"',
      '1',
      '+',
      '~>',
      '|',
      ':=',
      '?',
      ':',
      '@',
      '#',
      '%',
      '^',
      '/',
      'function',
      ',',
      ';',
      '*',
      '**',
      '`b`',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(token).map((tokens) => tokens.join('')),
        ),
        (text) => {
          compileJsonata(`{%${text}%}`, 'Output');
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('faults of an evaluation', () => {
  it.each([
    ['$doesNotExist', 'returned nothing (undefined).'],
    ['$states.input.none', 'returned nothing (undefined).'],
    ['$states.result', 'returned nothing (undefined).'],
    ['$sum', 'returned an unsupported result type.'],
    ['/a/', 'returned an unsupported result type.'],
    ['function($x) { $x }', 'returned an unsupported result type.'],
    ['[1, $sum]', 'returned an unsupported result type.'],
    ['{"a": $sum}', 'returned an unsupported result type.'],
    [
      '"a" + 1',
      'threw an error during evaluation. T2001: The left side of the "+" operator must evaluate to a number',
    ],
    [
      '1 + "a"',
      'threw an error during evaluation. T2002: The right side of the "+" operator must evaluate to a number',
    ],
    ['$number("abc")', 'threw an error during evaluation. D3030: Unable to cast value to a number: "abc"'],
    ['$error("boom")', 'threw an error during evaluation. D3137: boom'],
    ['$eval("1")', 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    [
      '$length(1)',
      'threw an error during evaluation. T0410: Argument 1 of function "length" does not match function signature',
    ],
  ])('%s %s', async (expression, fault) => {
    expect(await faultOf(expression)).toBe(fault);
  });

  it('a picture that is wrong is D3086', async () => {
    expect(await faultOf('$formatNumber(1, "a#b#")')).toMatch(/^threw an error during evaluation\. D3086: /);
  });
});

describe('what an expression sees', () => {
  it('input, result, error output and context of its state', async () => {
    const environment = anEnvironment(null, {
      states: { input: { a: 1 }, result: [2], errorOutput: { Error: 'E' } },
      context: { Execution: { Name: 'run' } },
    });
    expect(await evaluate('{% $states %}', environment)).toEqual({
      input: { a: 1 },
      result: [2],
      errorOutput: { Error: 'E' },
      context: { Execution: { Name: 'run' } },
    });
  });

  it('no context object is built when it is not asked for', async () => {
    const context = (): never => {
      throw new Error('asked');
    };
    expect(await evaluate('{% $states.input %}', { ...anEnvironment({ a: 1 }), context })).toEqual({ a: 1 });
  });

  it('variables before functions of the same name, and only by their names', async () => {
    expect(await value('$count', {}, { count: 3 })).toBe(3);
    expect(await value('$größe & $_x', {}, { größe: 'a', _x: 'b' })).toBe('ab');
    expect((await outcomeOf('$constructor')).kind).toBe('failure');
    expect((await outcomeOf('$__proto__')).kind).toBe('failure');
    expect((await outcomeOf('$states.input.constructor')).kind).toBe('failure');
  });

  it('numbers as numbers, whatever their spelling', async () => {
    expect(await value('$states.input.a + $b', parseJson('{"a":1.0}'), { b: parseJson('1e2') })).toBe(101);
    expect(await value('$type($states.input)', parseJson('1.0'))).toBe('number');
  });

  it('never the original: what it changes is its own copy', async () => {
    const input: Json = { list: [], object: { a: 1 } };
    await outcomeOf('$states.input.list{"a": 1}', input);
    await outcomeOf('($x := $states.input.list; $x{"a": 1})', input);
    await outcomeOf('$states.input.list[]', input);
    await outcomeOf('$v{"a": 1}', input, { v: input.list as Json });
    expect(input).toEqual({ list: [], object: { a: 1 } });
    expect(Object.keys(input.list as object)).toEqual([]);
  });

  it('no member that jsonata would take for a function of its own', async () => {
    expect(await faultOf('$states.input.evil(1)', { evil: { _jsonata_lambda: true } })).toContain('D1013');
    expect(await faultOf('$parse("{\\"_jsonata_function\\":true}")')).toContain('D1013');
    expect(await value('$count($states.input)', { _jsonata: 1 })).toBe(1);
  });
});

describe('results', () => {
  it.each<[string, Json]>([
    ['1/0', 'Infinity'],
    ['-1/0', '-Infinity'],
    ['[1/0]', ['Infinity']],
    ['null', null],
    ['[]', []],
    ['{}', {}],
    ['[null, 1]', [null, 1]],
    ['{"a": $none, "b": 1}', { b: 1 }],
    ['[1][0]', 1],
    ['[[1]]', [[1]]],
    ['-0', 0],
    ['$count(null)', 1],
    ['$exists(null)', true],
    ['$string(1e21)', '1e+21'],
    ['$contains("hello$world", /^hello\\$/)', true],
    ['$contains("hello$world", /^hello\\ /)', false],
  ])('%s', async (expression, expected) => {
    expect(stringifyJson(await value(expression))).toBe(stringifyJson(expected));
  });
});

describe('functions that AWS adds', () => {
  it.each<[string, Json]>([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$partition([1,2])', [[1, 2]]],
    ['$partition([], 2)', []],
    ['$range(0, 10, 3)', [0, 3, 6, 9]],
    ['$range(0, 9, 3)', [0, 3, 6, 9]],
    ['$range(5, 1, -2)', [5, 3, 1]],
    ['$range(1, 5, -1)', []],
    ['$range(0.9, 3.9, 1.9)', [0, 1, 2, 3]],
    ['$count($range(1, 360145, 1))', 360145],
    ['$hash("input data", "MD5")', '812f45842bc6d66ee14572ce20db8e86'],
    ['$hash("input data", "SHA-1")', 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ['$random(42)', 0.7275636800328681],
    ['$random(42.9)', 0.7275636800328681],
    ['$parse("-0")', 0],
    ['$parse("1.1")', 1.1],
    ['$parse("[1, 2, \\"HelloWorld\\"]")', [1, 2, 'HelloWorld']],
    ['$parse("{\\"Arg1\\": 1, \\"Arg2\\": []}")', { Arg1: 1, Arg2: [] }],
    ['$map(["1", "2"], $parse)', [1, 2]],
    ['"a" ~> $hash("MD5")', '0cc175b9c0f1b6a831c399e269772661'],
  ])('%s', async (expression, expected) => {
    expect(stringifyJson(await value(expression))).toBe(stringifyJson(expected));
  });

  it.each([
    '$partition([1,2], 0)',
    '$partition([1,2], 0.9)',
    '$partition([1,2], -1)',
    '$partition(1, 2)',
    '$partition([1,2], "2")',
    '$range(0, 10)',
    '$range(0, 10, 0)',
    '$range(0, 10, 0.5)',
    '$range(0, 10, "1")',
    '$range(0, 10, 1, 1)',
    '$range($none, 10, 1)',
    '$range(1, 360146, 1)',
    '$hash("a")',
    '$hash("a", "md5")',
    '$hash("a", "constructor")',
    '$hash(1, "MD5")',
    '$random("a")',
    '$random(1, 2)',
    '$uuid(1)',
    '$parse("{")',
    '$parse("")',
    '$parse(1)',
    '$parse("1", "2")',
  ])('%s fails the state', async (expression) => {
    expect(await faultOf(expression)).toMatch(/^threw an error during evaluation/);
  });
});

describe('time and chance', () => {
  it.each<[string, Json]>([
    ['$now()', '2024-01-15T10:30:00.000Z'],
    ['$now("[Y0001]/[M01]")', '2024/01'],
    ['$now("[H01]:[m01]", "+0200")', '12:30'],
    ['$millis()', Date.UTC(2024, 0, 15, 10, 30)],
    ['$toMillis("11:45", "[H]:[m]")', Date.UTC(2024, 0, 15, 11, 45)],
    ['$toMillis("2020-02-03T04:05:06.007Z")', Date.UTC(2020, 1, 3, 4, 5, 6, 7)],
    ['$toMillis("03/02/2020 04:05", "[D01]/[M01]/[Y0001] [H01]:[m01]")', Date.UTC(2020, 1, 3, 4, 5)],
    ['$fromMillis(0)', '1970-01-01T00:00:00.000Z'],
  ])('%s comes from the step', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  it.each(['$random()', '$uuid()', '$shuffle([1..20])', '[$random(), $random(), $uuid()]'])(
    '%s is the same for the same step',
    async (expression) => {
      expect(await value(expression)).toEqual(await value(expression));
    },
  );

  it('$shuffle keeps all elements, and $random lies in [0, 1)', async () => {
    expect(await value('$sort($shuffle([1..20]))')).toEqual(await value('[1..20]'));
    expect(await value('$count([1..100].$random()[$ >= 0 and $ < 1])')).toBe(100);
    expect(await value('$uuid()')).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
  });

  it('evaluations of one expression at the same time do not mix', async () => {
    const expression = {
      source: '($map([1..50], function($i) { $i }); $millis() & $x & $states.input)',
      field: 'Output',
    };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        evaluateJsonata({
          expression,
          environment: { ...anEnvironment(i, { variables: { x: `-${i}-` } }), time: i },
        }),
      ),
    );
    expect(outcomes).toEqual(outcomes.map((_, i) => ({ kind: 'value', value: `${i}-${i}-${i}` })));
  });
});

describe('what jsonata itself can do', () => {
  const data: Json = {
    order: {
      id: 'o1',
      lines: [
        { sku: 'a', price: 5, n: 2 },
        { sku: 'b', price: 2.5, n: 4 },
        { sku: 'a', price: 1, n: 1 },
      ],
    },
    text: 'The quick brown fox, the lazy dog',
    nested: { a: [{ b: [1, 2] }, { b: [3] }] },
  };

  it.each([
    '$d.order.lines.(price * n)',
    '$sum($d.order.lines.(price * n))',
    '$d.order.lines[price > 2].sku',
    '$d.order.lines[-1]',
    '$d.order.lines^(>price, sku).sku',
    '$d.order.lines{sku: $sum(n)}',
    '$d.order.lines.{"k": sku, "v": price}',
    '$d.order.lines@$l#$i.{"i": $i, "s": $l.sku, "o": %.id}',
    '$d.nested.a.b',
    '$d.nested.**.b',
    '$d.nested.*',
    '$d ~> |order|{"id": "x"}, ["lines"]|',
    '$map($d.order.lines, function($v, $i) { $i & $v.sku })',
    '$filter($d.order.lines, function($v) { $v.n > 1 }).sku',
    '$reduce([1..5], function($a, $b) { $a * $b })',
    '$sift($d.order, function($v, $k) { $k = "id" })',
    '$each($d.order.lines[0], function($v, $k) { $k & "=" & $v })',
    '$single([1,2,3], function($v) { $v = 2 })',
    '$zip([1,2],[3,4])',
    '$sort([3,1,2])',
    '$sort(["b","a"])',
    '$sort($d.order.lines, function($a, $b) { $a.price > $b.price }).price',
    '$sort([5,3,4,1,2,5,3], function($a, $b) { $a < $b })',
    '$distinct($d.order.lines.sku)',
    '$distinct([1, "1", 1, {"a": 1}, {"a": 1}, [1], [1]])',
    '$distinct(5)',
    '$distinct($d.order.lines[0].sku)',
    '$substring(?, 4, 5)($d.text)',
    '($first := $substring(?, 0, 3); $first("abcdef"))',
    '$uppercase ~> $lowercase',
    '"aB" ~> $uppercase ~> $length',
    '($twice := $map(?, function($x) { $x * 2 }); $twice([1,2]))',
    '$match($d.text, /[tT]he (\\w+)/)',
    '$match("aaa", /a/, 2)',
    '$replace($d.text, /(\\w+) (fox)/, "$2 $1")',
    '$replace($d.text, /o/, function($m) { "<" & $m.match & ">" })',
    '$split($d.text, /,? /)',
    '$split("a1b22c", /\\d+/, 2)',
    '$contains($d.text, /QUICK/i)',
    '$join(["a","b"], "-")',
    '$pad("x", -5, "#")',
    '$pad("x", 3)',
    '$formatNumber(1234.5, "#,##0.00")',
    '$formatInteger(1999, "I")',
    '$parseInteger("twelve thousand", "w")',
    '$formatBase(255, 16)',
    '$toMillis("2024-01-15", "[Y0001]-[M01]-[D01]")',
    '$fromMillis(1510067557121, "[M01]/[D01]/[Y0001] [h#1]:[m01][P]")',
    '$base64decode($base64encode("hello"))',
    '$encodeUrlComponent("a b&c")',
    '$merge([{"a":1},{"b":2}])',
    '$spread({"a":1,"b":2})',
    '$keys($d.order)',
    '$lookup($d.order, "id")',
    '$append([1],[2])',
    '$reverse([1,2])',
    '$string($d.order.lines)',
    '$number("12.5") + $round(2.5) + $power(2,3) + $sqrt(16) + $floor(1.9) + $ceil(1.1) + $abs(-1)',
    '$type($d)',
    '$not(false) and $boolean([0])',
    '$max([1,3]) - $min([1,3]) + $average([1,3]) + $count([1])',
    '$assert(true, "fine")',
    '1 in [1,2] and "a" != "b" or false',
    '$d.order.id = "o1" ? "yes" : "no"',
    '($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(10))',
    '($even := function($n) { $n = 0 ? true : $odd($n - 1) }; $odd := function($n) { $n = 0 ? false : $even($n - 1) }; $even(1001))',
    '[1..3].($ * 2)',
    '[[1,2],[3]][0]',
    '$d.none ?? "default"',
    '"a" & 1 & true & null',
  ])('%s', async (expression) => {
    const plain: unknown = await jsonata(expression).evaluate(undefined, { d: structuredClone(data) });
    const expected =
      plain === undefined || (typeof plain === 'object' && plain !== null && '_jsonata_lambda' in plain)
        ? 'nothing'
        : stringifyJson(JSON.parse(JSON.stringify(plain)));
    const outcome = await outcomeOf(expression, {}, { d: data });
    expect(outcome.kind === 'value' ? stringifyJson(outcome.value) : 'nothing').toBe(expected);
  });
});

describe('base64 is that of UTF-8, as in Java and in the intrinsic functions', () => {
  it.each([
    ['$base64encode("héllo €")', 'aMOpbGxvIOKCrA=='],
    ['$base64decode("aMOpbGxvIOKCrA==")', 'héllo €'],
    ['$base64decode("aGk")', 'hi'],
    ['$base64decode("/w==")', '\ufffd'],
    ['$base64encode("")', ''],
  ])('%s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  it('of nothing there is none', async () => {
    expect(await outcomeOf('$base64encode($states.input.none)')).toMatchObject({ kind: 'failure' });
  });
});

describe('hostile expressions fail their state, and nothing else', () => {
  const memory =
    'threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage';
  const time = 'threw an error during evaluation: Expression evaluation timeout: Check for infinite loop';

  it('a list may be as long as on AWS', async () => {
    expect(await value('$count([1..873782])')).toBe(873782);
    expect(await faultOf('$count([1..873783])')).toBe(memory);
  });

  it.each([
    ['[1..10000000]', memory],
    ['$range(1, 400000, 1)', memory],
    ['$reduce([1..40], function($a, $i) { [[$a], [$a]] }, 1)', memory],
    ['$reduce([1..40], function($a, $i) { {"a": $a, "b": $a} }, 1)', memory],
    ['$reduce([1..40], function($a, $i) { $a & $a }, "x")', memory],
    ['$string($reduce([1..30], function($a, $i) { [[$a], [$a]] }, 1))', memory],
    ['($x := [1..2000]; $x.$x.$x)', memory],
    ['$pad("", 1000000000)', memory],
    ['$join($split($pad("", 100000, "a"), ""), $pad("", 100000, "x"))', memory],
    ['$replace($pad("", 100000, "a"), "a", $pad("", 1000, "b"))', memory],
    ['($f := function($n) { $f($n + 1) }; $f(1))', time],
    ['($a := [1..100000]; $map($a, function($v) { $v in $a }))', time],
    ['($a := [1..50000]; $map($a, function($v) { $a = [$v] }))', time],
    ['$map([1..100000], function($i) { $string([1..1000]) })', time],
    ['$reduce([1..100000], $append)', time],
    ['($x := [1..100000]; $map($x, function() { $sum($x) }))', time],
  ])('%s', async (expression, fault) => {
    expect(await faultOf(expression)).toBe(fault);
  });

  it('endless recursion', async () => {
    expect(await faultOf('($f := function($n) { 1 + $f($n + 1) }; $f(1))')).toContain('Stack overflow error');
  });

  it('an object that passes for a promise is not waited for', async () => {
    for (const expression of [
      '(function($f) { {"then": $f} })(function($resolve, $reject) { 1 })',
      '(function($f) { [1].{"th" & "en": $f} })(function($resolve, $reject) { 1 })',
      '(function($f) { {"a": 1} ~> |$|{"then": $f}| })(function($resolve, $reject) { 1 })',
      '($m := /a/("aa"); {"then": $m.next})',
    ]) {
      expect((await outcomeOf(expression)).kind).toBe('failure');
    }
  });

  it('regular expressions do not backtrack catastrophically', async () => {
    expect(await value('$contains($pad("", 100000, "a"), /(a+)+b/)')).toBe(false);
    expect(await value('$replace($pad("", 100000, "a") & "b", /(a|aa)+b/, "x")')).toBe('x');
  });

  it('date pictures do not either', async () => {
    expect(await faultOf('$toMillis($pad("", 200, "1") & "x", "[Y][M][D][H][m][s][f]")')).toContain(
      'too many components',
    );
  });

  it('lists are sorted and made distinct in reasonable time', async () => {
    expect(await value('$count($distinct([1..100000]))')).toBe(100000);
    expect(await value('$sort($shuffle([1..100000]))[0]')).toBe(1);
    expect(await value('$sort($shuffle([1..5000]), function($a, $b) { $a < $b })[0]')).toBe(5000);
    expect(await value('($shuffle([1..2000])^(>$))[0]')).toBe(2000);
  });

  it('a group of thousands is no stack overflow', async () => {
    const items = Array.from({ length: 5000 }, (_, i) => ({ k: `k${i}`, v: i }));
    expect(await value('$count($keys($states.input{k: $sum(v)}))', items)).toBe(5000);
  });

  it('a tree of data that is as deep as data may be', async () => {
    const deep = parseJson(`${'['.repeat(1000)}1${']'.repeat(1000)}`);
    expect(stringifyJson(await value('$states.input', deep))).toBe(stringifyJson(deep));
  });

  it('random expressions always come to an end', async () => {
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom(
          '1',
          '"a"',
          'null',
          '$states.input',
          '$states.input.a',
          '$x',
          '[]',
          '{}',
          '$',
          '/a+/',
          '$sum',
          '[1..3]',
          'function($v) { $v }',
        ),
        fc
          .tuple(
            tie('expression'),
            fc.constantFrom('+', '&', '=', '~>', 'in', '.', 'and', '<'),
            tie('expression'),
          )
          .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
        fc
          .tuple(
            fc.constantFrom(
              '$map',
              '$string',
              '$append',
              '$reduce',
              '$sort',
              '$distinct',
              '$keys',
              '$merge',
              '$join',
              '$partition',
              '$hash',
              '$lookup',
              '$each',
              '$zip',
            ),
            fc.array(tie('expression'), { minLength: 1, maxLength: 2 }),
          )
          .map(([name, operands]) => `${name}(${operands.join(', ')})`),
        fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `{"then": ${a}, "b": ${b}}`),
        fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}[${b}]`),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(
        expression,
        fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
        async (source, input) => {
          const outcome = await outcomeOf(source, input, { x: input });
          if (outcome.kind === 'value') expect(JSON.parse(stringifyJson(outcome.value))).toBeDefined();
          else expect(outcome).toMatchObject({ error: 'States.QueryEvaluationError', location: 'Output' });
        },
      ),
      { numRuns: 1000 },
    );
  });
});
