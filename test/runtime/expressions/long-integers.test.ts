import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, stringifyJson } from '../../../runtime/data/json.ts';
import type { JsonataOutcome } from '../../../runtime/expressions/environment.ts';
import { evaluateJsonata } from '../../../runtime/expressions/jsonata.ts';
import { anEnvironment } from './an-environment.ts';

const INPUT = `{
  "id": 9007199254740993,
  "first": 9223372036854775807,
  "last": -9223372036854775808,
  "lines": [{"id": 1234567890123456781, "n": 2}, {"id": 1234567890123456782, "n": 3}],
  "beyond": 9223372036854775808,
  "text": "9007199254740993",
  "amount": 1.0
}`;

function evaluate(expression: string, input = INPUT): Promise<JsonataOutcome> {
  return evaluateJsonata({
    expression: { source: expression, field: 'Output' },
    environment: anEnvironment(parseJson(input)),
  });
}

async function textOf(expression: string, input?: string): Promise<string> {
  const outcome = await evaluate(expression, input);
  return outcome.kind === 'value' ? stringifyJson(outcome.value) : outcome.cause;
}

describe('integers of 64 bits keep their digits in JSONata', () => {
  it.each([
    ['$states.input.id', '9007199254740993'],
    ['[$states.input.first, $states.input.last]', '[9223372036854775807,-9223372036854775808]'],
    ['$states.input.lines.id', '[1234567890123456781,1234567890123456782]'],
    ['$states.input.lines[n = 3].{"line": id}', '{"line":1234567890123456782}'],
    ['$map($states.input.lines, function($l) { $l.n > 2 ? $l.id : $l.n })', '[2,1234567890123456782]'],
    ['$merge([{"id": 1}, $states.input]).id', '9007199254740993'],
    ['"order-" & $states.input.id', '"order-9007199254740993"'],
    ['$string($states.input.lines[0])', String.raw`"{\"id\":1234567890123456781,\"n\":2}"`],
    ['$states.input.text & "/" & $states.input.id', '"9007199254740993/9007199254740993"'],
    ['$parse("[9007199254740993]")', '[9007199254740993]'],
    ['$states.input.id in [1] or $exists($states.input.id) ? $states.input.id', '9007199254740993'],
    ['$count($states.input.lines) + $sum($states.input.lines.n)', '7'],
  ])('%s', async (expression, expected) => {
    expect(await textOf(expression)).toBe(expected);
  });

  it('also next to what chance makes', async () => {
    expect(await textOf('{"id": $states.input.id, "key": $uuid(), "draw": $random() < 2}')).toMatch(
      /^\{"id":9007199254740993,"key":"[-0-9a-f]{36}","draw":true\}$/,
    );
  });

  it.each([
    ['calculated with, they are doubles', '$states.input.id + 1', '9007199254740992'],
    [
      'so are those beside them',
      '[$states.input.first, $states.input.id - 1]',
      '[9223372036854776000,9007199254740991]',
    ],
    ['they are compared as doubles', '$states.input.id = 9007199254740992', 'true'],
    ['they are numbers', '$type($states.input.id)', '"number"'],
    ['they have no members', '$exists($states.input.id.*)', 'false'],
    ['a number that 64 bits do not hold is a double', '$states.input.beyond', '9223372036854776000'],
    ['a decimal is a double', '$states.input.amount', '1'],
  ])('%s', async (_, expression, expected) => {
    expect(await textOf(expression)).toBe(expected);
  });

  it('and change nothing else', async () => {
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    const input = fc
      .array(fc.record({ id: long, n: fc.integer({ min: 0, max: 3 }).map(String) }), { maxLength: 4 })
      .map((lines) => `{"lines": [${lines.map(({ id, n }) => `{"id": ${id}, "n": ${n}}`)}]}`);
    const expression = fc.constantFrom(
      '$states.input.**',
      '$states.input.lines^(n)',
      '$states.input.lines^(>id)',
      '$states.input.lines{$string(n): id}',
      '$distinct($states.input.lines.id)',
      '$states.input.lines[id > 0].id',
      '$states.input.lines[id = $states.input.lines[0].id].n',
      '$sort($states.input.lines.id)',
      '$reverse($append($states.input.lines.id, $sum($states.input.lines.n)))',
      '$shuffle($states.input.lines)',
      '$keys($states.input.lines[0])',
      '$each($states.input.lines[0], function($v, $k) { $v })',
      '$spread($states.input.lines)',
      '$states.input.lines.(id ? n : id)',
      '$lookup($states.input.lines, "id")',
      '$max($states.input.lines.id)',
      '$states.input ~> |lines|{"m": id}|',
    );
    await fc.assert(
      fc.asyncProperty(expression, input, async (source, text) => {
        const exact = await evaluate(source, text);
        const rounded = await evaluate(source, JSON.stringify(JSON.parse(text)));
        expect(exact.kind).toBe(rounded.kind);
        if (exact.kind === 'value' && rounded.kind === 'value')
          expect(JSON.parse(stringifyJson(exact.value))).toEqual(JSON.parse(stringifyJson(rounded.value)));
      }),
      { numRuns: 500 },
    );
  });
});
