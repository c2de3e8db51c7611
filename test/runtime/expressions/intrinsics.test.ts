import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, parseJson, stringifyJson } from '../../../runtime/data/json.ts';
import { parseIntrinsic } from '../../../runtime/expressions/intrinsics/intrinsic.ts';
import { StateFailure } from '../../../runtime/failures/failure.ts';
import { anEnvironment, failureOf } from './an-environment.ts';

function call(source: string, input: Json = {}): Json {
  const parsed = parseIntrinsic(source);
  if (!parsed.ok) throw new Error(`${source}: ${parsed.message}`);
  return parsed.template.evaluate(
    anEnvironment(input, {
      context: { Execution: { Name: 'run' }, StateMachine: { Id: 'arn', Name: 'a-machine' } },
      variables: { name: 'Ada', n: 4 },
    }),
  );
}

const causeOf = (source: string, input: Json = {}): string | undefined => {
  const failure = failureOf(() => call(source, input));
  expect(failure.error).toBe('States.Runtime');
  return failure.cause;
};

const evaluationFault = (source: string, fault: string): string =>
  `There was an error while evaluating the intrinsic function: ${source}. ${fault}`;

function expectInvalid(source: string, input: Json = {}): void {
  const name = /States\.\w+/.exec(source)?.[0];
  expect(causeOf(source, input)).toBe(evaluationFault(source, `Invalid arguments in ${name}`));
}

/** A function applied to the members a and b (and c) of the input. */
const apply = (name: string, ...values: Json[]): Json =>
  call(`States.${name}(${values.map((_value, i) => `$[${i}]`).join(', ')})`, values);

describe('arguments', () => {
  it.each<[string, Json]>([
    [
      "States.Array('a', 1, -1.5, 1e2, true, false, null)",
      ['a', 1, -1.5, parseJson('1e2'), true, false, null],
    ],
    ['States.Array()', []],
    ['States.Array( )', []],
    ["States.Array( 'a' ,$.x , $$.Execution.Name,$name )", ['a', [1], 'run', 'Ada']],
    ["States.Array($.x[0], $['x'][0], $.x[*], $..none)", [1, 1, [1], []]],
    ['States.Array($.x[?(@ == 1 && @ < 5)])', [[1]]],
    ["States.Array(States.Array(States.Array('x')))", [[['x']]]],
    ["States.Array('it\\'s', 'a\\\\b', '\\{\\}', 'a, b)', '(')", ["it's", 'a\\b', '{}', 'a, b)', '(']],
    ["States.Array('\n')", ['\n']],
  ])('%s', (source, expected) => {
    expect(call(source, { x: [1] })).toEqual(expected);
  });

  it('nest ten deep and no deeper', () => {
    const nested = (depth: number): string => 'States.Array('.repeat(depth) + ')'.repeat(depth);
    expect(parseIntrinsic(nested(10)).ok).toBe(true);
    expect(parseIntrinsic(nested(11)).ok).toBe(false);
    expect(parseIntrinsic(nested(100_000)).ok).toBe(false);
  });

  it.each([
    '',
    'States.Array',
    'States.Array(',
    'States.Array)',
    'States.Array(1',
    'States.Array(1,)',
    'States.Array(,1)',
    'States.Array(1 2)',
    'States.Array("a")',
    "States.Array('a)",
    "States.Array('a\\n')",
    `States.Format('He said, \\"Hello, {}!\\"', 'Test')`,
    'States.Array(1) ',
    ' States.Array(1)',
    'States.Array(1)x',
    'States.array(1)',
    'States.Nothing(1)',
    'Array(1)',
    'States.Array(a)',
    'States.Array(01x)',
    'States.Array(01)',
    'States.Array($.)',
    'States.Array({})',
    'States.constructor()',
  ])('%j is no call', (source) => {
    expect(parseIntrinsic(source).ok).toBe(false);
  });

  it('a path without a value fails the state', () => {
    const fault = (source: string, field: string): string =>
      `The function '${source}' had the following error: The JsonPath argument for the field '${field}' could not be found in the input '{"a":[]}'`;
    for (const [source, field] of [
      ["States.Format('{}', $.x)", '$.x'],
      ["States.Format('{}', $$.A.B)", '$.A.B'],
      ['States.Array(States.Array($.a[0]))', '$.a[0]'],
      ['States.Array($nothing.x)', '$nothing.x'],
    ] as const) {
      expect(causeOf(source, { a: [] })).toBe(fault(source, field));
    }
  });

  it('a fault inside names the whole expression and the inner function', () => {
    const source = "States.Array(States.MathAdd('1', 2))";
    expect(causeOf(source)).toBe(evaluationFault(source, 'Invalid arguments in States.MathAdd'));
  });

  it('a wrong number of arguments fails when the state runs, not before', () => {
    for (const source of [
      'States.ArrayLength()',
      'States.ArrayLength(1, 2)',
      'States.UUID(1)',
      'States.Format()',
      'States.MathRandom(1)',
      'States.MathRandom(1, 2, 3, 4)',
      'States.JsonMerge(1, 2)',
    ]) {
      expectInvalid(source);
    }
  });
});

describe('States.Format', () => {
  it.each<[Json, string]>([
    ['', 'Formatting argument .'],
    [' ', 'Formatting argument  .'],
    ['HelloWorld', 'Formatting argument HelloWorld.'],
    [null, 'Formatting argument null.'],
    [1, 'Formatting argument 1.'],
    [1.1, 'Formatting argument 1.1.'],
    [true, 'Formatting argument true.'],
    ['{"Arg1": 1, "Arg2": []}', 'Formatting argument {"Arg1": 1, "Arg2": []}.'],
    [{ Arg1: 1, Arg2: [] }, 'Formatting argument {Arg1=1, Arg2=[]}.'],
    [[1, 'a', null, { b: [2] }], 'Formatting argument [1, a, null, {b=[2]}].'],
    [parseJson('1.0'), 'Formatting argument 1.0.'],
  ])('inserts %j', (value, expected) => {
    expect(call("States.Format('Formatting argument {}.', $.v)", { v: value })).toBe(expected);
  });

  it('takes its template from anywhere', () => {
    expect(call('States.Format($.t, 1, $n)', { t: '{}+{}' })).toBe('1+4');
    expect(call("States.Format('{}', $$.StateMachine)")).toBe('{Id=arn, Name=a-machine}');
  });

  it('writes escaped characters as they are', () => {
    expect(call("States.Format('\\{\\} \\'{}\\' \\\\', 1)")).toBe("{} '1' \\");
  });

  it.each([
    ["States.Format('{')", "matching '}' not found for '{'."],
    ["States.Format('{ }', 1)", "matching '}' not found for '{'."],
    ["States.Format('{0}', 1)", "matching '}' not found for '{'."],
    ["States.Format('}')", "matching '{' not found for '}'."],
    ["States.Format('{}}', 1)", "matching '{' not found for '}'."],
  ])('%s', (source, fault) => {
    expect(causeOf(source)).toBe(evaluationFault(source, `Invalid template in States.Format: ${fault}`));
  });

  it('wants as many values as places, and a text', () => {
    for (const source of [
      "States.Format('{}')",
      "States.Format('{}', 1, 2)",
      "States.Format('', 1)",
      'States.Format(1)',
    ]) {
      expectInvalid(source);
    }
  });
});

describe('JSON functions', () => {
  it.each<[string, Json]>([
    ['', null],
    [' ', null],
    ['null', null],
    ['-0', 0],
    ['[-0]', [0]],
    ['1', 1],
    ['1.1', 1.1],
    ['true', true],
    ['"HelloWorld"', 'HelloWorld'],
    [' [1, 2, "HelloWorld"] ', [1, 2, 'HelloWorld']],
    ['{"Arg1": 1, "Arg2": []}', { Arg1: 1, Arg2: [] }],
    ['1.0', parseJson('1.0')],
  ])('StringToJson of %j', (text, expected) => {
    expect(apply('StringToJson', text)).toEqual(expected);
  });

  it('StringToJson refuses what is no JSON and no text', () => {
    expect(causeOf('States.StringToJson($.t)', { t: '['.repeat(5000) })).toContain('nesting depth');
    for (const argument of ['1', 'null', 'true', 'States.Array()'])
      expectInvalidCall('StringToJson', argument);
  });

  it.each([
    ['{', 'Unexpected end-of-input: expected close marker for Object (start marker at @1)', 2],
    [
      'abc',
      "Unrecognized token 'abc': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
      4,
    ],
    [
      '{"a" 1}',
      "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
      7,
    ],
  ])(
    "StringToJson says in Jackson's words what is wrong with %j, and shows none of it",
    (text, message, column) => {
      const at = (place: number) =>
        `[Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${place}]`;
      expect(causeOf('States.StringToJson($.t)', { t: text })).toBe(
        `There was an error while evaluating the intrinsic function: States.StringToJson($.t). Cannot convert String to Json in States.StringToJson, caused by: ${message.replace('@1', at(1))}\n at ${at(column)}`,
      );
    },
  );

  it.each<[Json, string]>([
    [null, 'null'],
    [0, '0'],
    [1.1, '1.1'],
    [true, 'true'],
    ['HelloWorld', '"HelloWorld"'],
    [[1, 2, 'HelloWorld'], '[1,2,"HelloWorld"]'],
    [{ Arg1: 1, Arg2: [] }, '{"Arg1":1,"Arg2":[]}'],
  ])('JsonToString of %j (recorded)', (value, expected) => {
    expect(apply('JsonToString', value)).toBe(expected);
  });

  it('JsonMerge is shallow, and its second operand wins', () => {
    expect(apply('JsonMerge', { a: { x: 1 }, b: 1 }, { a: { y: 2 }, c: 3 }, false)).toEqual({
      a: { y: 2 },
      b: 1,
      c: 3,
    });
    expect(apply('JsonMerge', { a: 1 }, { b: 2 }, 'text')).toEqual({ a: 1, b: 2 });
    expect(stringifyJson(apply('JsonMerge', parseJson('{"__proto__":1}'), {}, false))).toBe(
      '{"__proto__":1}',
    );
    expectInvalid('States.JsonMerge($, $, true)');
    expectInvalid('States.JsonMerge($, 1, false)');
    expectInvalid('States.JsonMerge(States.Array(), $, false)');
  });
});

function expectInvalidCall(name: string, ...values: string[]): void {
  const source = `States.${name}(${values.join(', ')})`;
  expect(causeOf(source, { list: [1, 2, 3], empty: [] })).toBe(
    evaluationFault(source, `Invalid arguments in States.${name}`),
  );
}

describe('array functions', () => {
  it('ArrayPartition, with its size truncated', () => {
    expect(apply('ArrayPartition', [], 2)).toEqual([]);
    expect(apply('ArrayPartition', [0], 5)).toEqual([[0]]);
    expect(apply('ArrayPartition', [0, 1, 2], 2)).toEqual([[0, 1], [2]]);
    expect(apply('ArrayPartition', [0, 1, 2, 3], 2.9)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    for (const size of ['0', '0.6', '-1', "'1'", 'null']) expectInvalidCall('ArrayPartition', '$.list', size);
    expectInvalidCall('ArrayPartition', "'abc'", '1');
  });

  it('ArrayContains compares whole values', () => {
    expect(apply('ArrayContains', [1, { a: [1] }], { a: [1] })).toBe(true);
    expect(apply('ArrayContains', [1, { a: [1] }], { a: [2] })).toBe(false);
    expect(apply('ArrayContains', ['1'], 1)).toBe(false);
    expect(apply('ArrayContains', [null], null)).toBe(true);
    expectInvalidCall('ArrayContains', "'abc'", "'a'");
  });

  it('ArrayRange, with its operands truncated', () => {
    expect(apply('ArrayRange', 0, 9, 3)).toEqual([0, 3, 6, 9]);
    expect(apply('ArrayRange', 0, 10, 3)).toEqual([0, 3, 6, 9]);
    expect(apply('ArrayRange', 1, 9, 9)).toEqual([1]);
    expect(apply('ArrayRange', 9, 1, -4)).toEqual([9, 5, 1]);
    expect(apply('ArrayRange', 1.9, 3.9, 1.9)).toEqual([1, 2, 3]);
    expect(apply('ArrayRange', 5, 1, 1)).toEqual([]);
    expect(apply('ArrayRange', 5, 5, 1)).toEqual([5]);
    expect(apply('ArrayRange', 1, 1000, 1)).toHaveLength(1000);
    expectInvalidCall('ArrayRange', '0', '1000', '1');
    expectInvalidCall('ArrayRange', '0', '1e300', '1');
    expectInvalidCall('ArrayRange', '0', '1e400', '1');
    expectInvalidCall('ArrayRange', '0', '9', '0.9');
    expectInvalidCall('ArrayRange', '0', "'9'", '1');
  });

  it('ArrayGetItem, with its index truncated', () => {
    expect(apply('ArrayGetItem', [1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toBe(6);
    expect(apply('ArrayGetItem', [1, 2], 1.9)).toBe(2);
    expect(apply('ArrayGetItem', [null], 0)).toBeNull();
    expect(apply('ArrayGetItem', [], 3)).toBeNull();
    for (const index of ['3', '-1', "'0'", 'null']) expectInvalidCall('ArrayGetItem', '$.list', index);
  });

  it('ArrayLength (recorded)', () => {
    expect(apply('ArrayLength', [1, 2, 3])).toBe(3);
    expect(apply('ArrayLength', [])).toBe(0);
    for (const argument of ["'abc'", 'null', '$']) expectInvalidCall('ArrayLength', argument);
  });

  it('ArrayUnique and ArrayContains tell long integers from each other', () => {
    const ids = parseJson('[1234567890123456781,1234567890123456782,1234567890123456781]');
    expect(stringifyJson(apply('ArrayUnique', ids))).toBe('[1234567890123456781,1234567890123456782]');
    expect(apply('ArrayContains', ids, parseJson('1234567890123456783'))).toBe(false);
  });

  it('ArrayUnique keeps first occurrences', () => {
    const items: Json = [
      null,
      null,
      true,
      1,
      1.1,
      1,
      'a',
      'a',
      [],
      [],
      [null],
      { a: 1, b: 2 },
      { b: 2, a: 1 },
      { a: 1, b: 1 },
      '1',
    ];
    expect(apply('ArrayUnique', items)).toEqual([
      null,
      true,
      1,
      1.1,
      'a',
      [],
      [null],
      { a: 1, b: 2 },
      { a: 1, b: 1 },
      '1',
    ]);
    expectInvalidCall('ArrayUnique', "'aa'");
  });
});

describe('text functions', () => {
  it.each<[string, string, Json]>([
    [' ', ',', [' ']],
    [' , ', ',', [' ', ' ']],
    [', , ,', ',', [' ', ' ']],
    [',,,,', ',', []],
    ['1,2,3,4,5', ',', ['1', '2', '3', '4', '5']],
    ['This.is+a,test=string', '.+,=', ['This', 'is', 'a', 'test', 'string']],
    ['split on T and \nnew line', 'T\n', ['split on ', ' and ', 'new line']],
    ['Hello\nWorld', '\n', ['Hello', 'World']],
    ['', ',', []],
    ['abc', '', ['abc']],
    ['a🆗b', '🆗', ['a', 'b']],
  ])('StringSplit of %j by %j', (text, delimiters, expected) => {
    expect(apply('StringSplit', text, delimiters)).toEqual(expected);
  });

  it('StringSplit wants texts', () => {
    expectInvalidCall('StringSplit', '1', "','");
    expectInvalidCall('StringSplit', "'a'", 'null');
  });

  it.each([
    ['', ''],
    ['Data to encode', 'RGF0YSB0byBlbmNvZGU='],
    ['a', 'YQ=='],
    ['ab', 'YWI='],
    ['größe 🆗', 'Z3LDtsOfZSDwn4aX'],
  ])('Base64 of %j', (plain, encoded) => {
    expect(apply('Base64Encode', plain)).toBe(encoded);
    expect(apply('Base64Decode', encoded)).toBe(plain);
  });

  it.each([
    ['YQ', 'a'],
    ['Y\nQ = =', 'a'],
    ['!Y?W*I', 'ab'],
    ['_-', ''],
    ['/w==', '\ufffd'],
    ['7aCA', '\ufffd\ufffd\ufffd'],
    ['wIA=', '\ufffd\ufffd'],
    ['8J+G', '\ufffd'],
  ])('Base64Decode is lenient: %j', (encoded, plain) => {
    expect(apply('Base64Decode', encoded)).toBe(plain);
  });

  it('Base64 is its own inverse, and UTF-8 is decoded as everywhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(apply('Base64Decode', apply('Base64Encode', text))).toBe(text.toWellFormed());
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const encoded = Buffer.from(bytes).toString('base64');
        expect(apply('Base64Decode', encoded)).toBe(
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
        );
      }),
    );
  });

  it('Base64 and Hash take texts of 10,000 characters and no more', () => {
    for (const name of ['Base64Encode', 'Base64Decode']) {
      expect(() => apply(name, 'a'.repeat(10_000))).not.toThrow();
      expect(failureOf(() => apply(name, 'a'.repeat(10_001))).error).toBe('States.Runtime');
    }
    expect(() => apply('Hash', 'a'.repeat(10_000), 'MD5')).not.toThrow();
    expect(failureOf(() => apply('Hash', 'a'.repeat(10_001), 'MD5')).error).toBe('States.Runtime');
    expectInvalidCall('Base64Encode', '1');
  });

  it.each([
    ['MD5', '812f45842bc6d66ee14572ce20db8e86'],
    ['SHA-1', 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ['SHA-256', 'b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3'],
    [
      'SHA-384',
      'd28a7d5cf25a74f11a50a18452b75e04bb3d70c9dd0510d6123aa008c756511b87525bdc835ebb27e1fb9e9374a15562',
    ],
    [
      'SHA-512',
      '6ce4adb348546d4f449c4d25aad9a7c9cb711d9e91982d3f0b29ca2f3f47d4ce2deba23bf2954f0f1d593fc50283731a533d30d425402d4f91316d871303aac4',
    ],
  ])('Hash with %s (recorded)', (algorithm, digest) => {
    expect(apply('Hash', 'input data', algorithm)).toBe(digest);
  });

  it('Hash takes anything, and its algorithm exactly as spelled', () => {
    expect(apply('Hash', 1, 'MD5')).toBe(apply('Hash', '1', 'MD5'));
    expect(apply('Hash', { a: 1 }, 'MD5')).toBe(apply('Hash', '{"a":1}', 'MD5'));
    for (const algorithm of ["'md5'", "'SHA256'", "'constructor'", '1'])
      expectInvalidCall('Hash', "'a'", algorithm);
  });
});

describe('mathematics', () => {
  it.each([
    [-9, 3, -6],
    [1.49, 1.5, 3],
    [1.5, 1.51, 4],
    [-1.49, -1.5, -2],
    [-1.5, -1.51, -3],
    [1.49, -1.49, 0],
    [-0.5, 0.5, 1],
    [-0.5, 0, 0],
    [-2.5, 0, -2],
    [-3.5, 0, -3],
    [1.6, 2.7, 5],
    [2147483646, 1, 2147483647],
  ])('MathAdd %d + %d = %d', (a, b, sum) => {
    expect(stringifyJson(apply('MathAdd', a, b))).toBe(String(sum));
  });

  it('MathAdd stays within 32 bits and wants numbers', () => {
    for (const [a, b] of [
      ['2147483647', '1'],
      ['-2147483648', '-1'],
      ['2147483648', '-1'],
      ['1e400', '1'],
      ["'1'", '1'],
      ['true', '1'],
      ['null', '1'],
    ] as const) {
      expectInvalidCall('MathAdd', a, b);
    }
  });

  it('MathRandom lies between its bounds, which are truncated', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.option(fc.integer()),
        (start, size, seed) => {
          const values = [start + (start < 0 ? -0.9 : 0.9), start + size, ...(seed === null ? [] : [seed])];
          const drawn = apply('MathRandom', ...values) as number;
          expect(Number.isInteger(drawn) && drawn >= start && drawn < start + size).toBe(true);
        },
      ),
    );
    expect(apply('MathRandom', 1.6, 2.9)).toBe(1);
    for (const [a, b] of [
      ['1', '1'],
      ['2', '1'],
      ['1', '1.9'],
      ["'1'", '2'],
    ] as const) {
      expectInvalidCall('MathRandom', a, b);
    }
    expectInvalidCall('MathRandom', '1', '2', "'seed'");
  });

  it('MathRandom with a seed draws what java.util.Random draws', () => {
    expect(apply('MathRandom', 1, 999999999, 42)).toBe(562431133);
    expect(apply('MathRandom', 0, 10, -7)).toBe(2);
    expect(apply('MathRandom', 0, 2 ** 30, 5)).toBe(784389743);
    expect(apply('MathRandom', 0, 2 ** 30 + 1, 5)).toBe(379250092);
    expect(apply('MathRandom', 5, 100, 9)).toBe(34);
    expect(apply('MathRandom', -(2 ** 31), 2 ** 31 - 1, 9)).toBe(
      apply('MathRandom', -(2 ** 31), 2 ** 31 - 1, 9),
    );
  });

  it('UUID is a version 4 UUID', () => {
    expect(call('States.UUID()')).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });
});

it('no call and no input makes anything but a failure of the state be thrown', () => {
  const names = [
    'Array',
    'ArrayContains',
    'ArrayGetItem',
    'ArrayLength',
    'ArrayPartition',
    'ArrayRange',
    'ArrayUnique',
    'Base64Decode',
    'Base64Encode',
    'Format',
    'Hash',
    'JsonMerge',
    'JsonToString',
    'MathAdd',
    'MathRandom',
    'StringSplit',
    'StringToJson',
    'UUID',
  ];
  const value = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(value, { maxLength: 4 }), (name, values) => {
      try {
        expect(JSON.parse(stringifyJson(apply(name, ...values)))).toBeDefined();
      } catch (error) {
        if (!(error instanceof StateFailure)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const source of [text, `States.${text}`, `States.Array(${text})`, `States.Format('${text}', $.a)`])
        parseIntrinsic(source);
    }),
  );
});
