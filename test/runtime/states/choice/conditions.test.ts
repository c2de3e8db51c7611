import { describe, expect, it } from 'vitest';
import { type Json, parseJson } from '../../../../runtime/data/json.ts';
import type { Environment, JsonataOutcome } from '../../../../runtime/expressions/environment.ts';
import { randomFrom } from '../../../../runtime/expressions/random.ts';
import { StateFailure } from '../../../../runtime/failures/failure.ts';
import type { QueryLanguage } from '../../../../runtime/machine/machine.ts';
import { OPERATORS } from '../../../../runtime/states/choice/comparators.ts';
import {
  type ConditionSource,
  compileCondition,
} from '../../../../runtime/states/choice/compile-condition.ts';

function environment(input: Json, jsonata: readonly JsonataOutcome[] = []): Environment {
  return {
    input,
    context: () => ({ State: { Name: 'C' } }),
    variables: new Map([['limit', 3]]),
    random: randomFrom([1, 2, 3, 4]),
    time: 0,
    jsonata: () => jsonata,
  };
}

function condition(rule: ConditionSource, language: QueryLanguage = 'JSONPath') {
  const compiled = compileCondition(rule, language, 'Choices[0]');
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.condition;
}

function holds(rule: ConditionSource, input: Json): boolean {
  return condition(rule).holds(environment(input));
}

function failureOf(run: () => unknown): StateFailure {
  try {
    run();
  } catch (failure) {
    if (failure instanceof StateFailure) return failure;
    throw failure;
  }
  throw new Error('did not fail');
}

/** For each operator: a value and an operand that hold, and operands that do not. */
const TRUTHS: Record<string, { value: Json; holds: Json[]; not: Json[] }> = {
  StringEquals: { value: 'b', holds: ['b'], not: ['a', 'B'] },
  StringLessThan: { value: 'b', holds: ['c', 'ba', '\ue000', '\u{1f600}'], not: ['b', 'a', 'B', ''] },
  StringGreaterThan: { value: 'b', holds: ['a', 'B', ''], not: ['b', 'c'] },
  StringLessThanEquals: { value: 'b', holds: ['b', 'c'], not: ['a'] },
  StringGreaterThanEquals: { value: 'b', holds: ['b', 'a'], not: ['c'] },
  NumericEquals: { value: 1, holds: [1, parseJson('1.0'), parseJson('1e0')], not: [1.5] },
  NumericLessThan: { value: 1, holds: [1.5, parseJson('1e3')], not: [1, -1] },
  NumericGreaterThan: { value: parseJson('1e3'), holds: [999], not: [1000, 1001] },
  NumericLessThanEquals: { value: 1, holds: [1, 2], not: [0] },
  NumericGreaterThanEquals: { value: 1, holds: [1, 0], not: [2] },
  BooleanEquals: { value: false, holds: [false], not: [true] },
  TimestampEquals: {
    value: '2016-03-14T01:59:00Z',
    holds: ['2016-03-14T03:59:00.000+02:00'],
    not: ['2016-03-14T01:59:00.000000001Z'],
  },
  TimestampLessThan: {
    value: '2016-03-14T01:59:00Z',
    holds: ['2016-03-14T01:59:00.000000001Z'],
    not: ['2016-03-14T01:59:00Z', '2016-03-14T02:59:00+02:00'],
  },
  TimestampGreaterThan: {
    value: '2016-03-14T01:59:00Z',
    holds: ['2016-03-14T02:59:00+02:00'],
    not: ['2016-03-14T01:59:00Z'],
  },
  TimestampLessThanEquals: {
    value: '2016-03-14T01:59:00Z',
    holds: ['2016-03-14T01:59:00Z'],
    not: ['2016-03-14T01:58:59Z'],
  },
  TimestampGreaterThanEquals: {
    value: '2016-03-14T01:59:00Z',
    holds: ['2016-03-14T01:59:00Z'],
    not: ['2016-03-14T01:59:01Z'],
  },
  StringMatches: { value: 'log-1.txt', holds: ['log-*.txt', '*'], not: ['log-'] },
  IsNull: { value: null, holds: [true], not: [false] },
  IsPresent: { value: null, holds: [true], not: [false] },
  IsNumeric: { value: parseJson('1.0'), holds: [true], not: [false] },
  IsString: { value: '', holds: [true], not: [false] },
  IsBoolean: { value: false, holds: [true], not: [false] },
  IsTimestamp: { value: '2016-03-14T01:59:00Z', holds: [true], not: [false] },
};

describe('the 39 operators', () => {
  const names = [...OPERATORS.keys()];

  it('are 39, each of them tried here', () => {
    expect(names).toHaveLength(39);
    expect(new Set(names.map((name) => name.replace(/Path$/, '')))).toEqual(new Set(Object.keys(TRUTHS)));
  });

  it.each(names)('%s', (name) => {
    const {
      value,
      holds: right,
      not,
    } = TRUTHS[name.replace(/Path$/, '')] ?? { value: null, holds: [], not: [] };
    const test = (operand: Json): boolean =>
      name.endsWith('Path')
        ? holds({ Variable: '$.v', [name]: '$.operand' }, { v: value, operand })
        : holds({ Variable: '$.v', [name]: operand }, { v: value });
    for (const operand of right) expect(test(operand), JSON.stringify(operand)).toBe(true);
    for (const operand of not) expect(test(operand), JSON.stringify(operand)).toBe(false);
  });

  it.each(names.filter((name) => !name.startsWith('Is')))(
    '%s is false on a value of another type',
    (name) => {
      const operand = name.endsWith('Path') ? '$.operand' : (TRUTHS[name]?.holds[0] ?? null);
      for (const v of [null, [], {}, name.startsWith('Numeric') ? '1' : 1]) {
        const input = { v, operand: TRUTHS[name.replace('Path', '')]?.holds[0] ?? null };
        expect(holds({ Variable: '$.v', [name]: operand }, input)).toBe(false);
      }
    },
  );

  it.each(['StringLessThanPath', 'NumericEqualsPath', 'BooleanEqualsPath', 'TimestampEqualsPath'])(
    '%s is false on an operand of another type',
    (name) => {
      const { value = null } = TRUTHS[name.replace('Path', '')] ?? {};
      expect(holds({ Variable: '$.v', [name]: '$.operand' }, { v: value, operand: {} })).toBe(false);
    },
  );

  it('turn round with false', () => {
    expect(holds({ Variable: '$.v', IsNull: false }, { v: 1 })).toBe(true);
    expect(holds({ Variable: '$.v', IsTimestamp: false }, { v: '2016-03-14' })).toBe(true);
  });
});

describe('a variable', () => {
  it('that is not there fails the state, but can be tested for', () => {
    expect(holds({ Variable: '$.v', IsPresent: true }, {})).toBe(false);
    expect(holds({ Variable: '$.v', IsPresent: false }, {})).toBe(true);
    for (const operator of [{ IsNull: true }, { IsString: false }, { StringEquals: 'a' }]) {
      expect(failureOf(() => holds({ Variable: '$.v', ...operator }, {}))).toMatchObject({
        error: 'States.Runtime',
        cause: `Invalid path '$.v': The choice state's condition path references an invalid value.`,
      });
    }
  });

  it('may be compared with a value that must be there', () => {
    expect(failureOf(() => holds({ Variable: '$.v', NumericEqualsPath: '$.w' }, { v: 1 })).cause).toBe(
      `Invalid path '$.w': The choice state's condition path references an invalid value.`,
    );
  });

  it('may be of the Context Object or a workflow variable', () => {
    expect(holds({ Variable: '$$.State.Name', StringEquals: 'C' }, {})).toBe(true);
    expect(holds({ Variable: '$.v', NumericLessThanPath: '$limit' }, { v: 2 })).toBe(true);
  });

  it('may be a wider path that finds one value', () => {
    const rule = { Variable: '$.list[?(@.id == 2)].name', StringEquals: 'b' };
    expect(
      holds(rule, {
        list: [
          { id: 1, name: 'a' },
          { id: 2, name: 'b' },
        ],
      }),
    ).toBe(true);
    expect(failureOf(() => holds(rule, { list: [] })).error).toBe('States.Runtime');
  });
});

describe('And, Or and Not', () => {
  const isTrue = (variable: string): ConditionSource => ({ Variable: variable, BooleanEquals: true });
  const absent = isTrue('$.absent');

  it('combine', () => {
    const input = { t: true, f: false };
    expect(holds({ And: [isTrue('$.t'), isTrue('$.t')] }, input)).toBe(true);
    expect(holds({ And: [isTrue('$.t'), isTrue('$.f')] }, input)).toBe(false);
    expect(holds({ Or: [isTrue('$.f'), isTrue('$.t')] }, input)).toBe(true);
    expect(holds({ Or: [isTrue('$.f'), isTrue('$.f')] }, input)).toBe(false);
    expect(holds({ Not: isTrue('$.f') }, input)).toBe(true);
    expect(holds({ Not: { And: [isTrue('$.t'), { Not: isTrue('$.f') }] } }, input)).toBe(false);
  });

  it('look no further than they must', () => {
    const input = { t: true, f: false };
    expect(holds({ And: [{ Variable: '$.absent', IsPresent: true }, absent] }, input)).toBe(false);
    expect(holds({ Or: [isTrue('$.t'), absent] }, input)).toBe(true);
    expect(failureOf(() => holds({ And: [isTrue('$.t'), absent] }, input)).error).toBe('States.Runtime');
    expect(failureOf(() => holds({ Or: [isTrue('$.f'), absent] }, input)).error).toBe('States.Runtime');
  });
});

describe('a JSONata Condition', () => {
  const evaluate = (outcome: JsonataOutcome): boolean =>
    condition({ Condition: '{% $states.input.ok %}' }, 'JSONata').holds(environment({}, [outcome]));

  it('may be written out', () => {
    expect(condition({ Condition: true }, 'JSONata').holds(environment({}))).toBe(true);
    expect(condition({ Condition: false }, 'JSONata').holds(environment({}))).toBe(false);
  });

  it('is what its expression yields', () => {
    expect(evaluate({ kind: 'value', value: true })).toBe(true);
    expect(evaluate({ kind: 'value', value: false })).toBe(false);
  });

  it('fails the state when that is no boolean', () => {
    expect(failureOf(() => evaluate({ kind: 'value', value: 1 }))).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause: `The JSONata expression '$states.input.ok' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1`,
      location: 'Choices[0]/Condition',
    });
  });
});

it('names the places of what does not compile', () => {
  const rule = { And: [{ Variable: '$.a', IsNull: true }, { Not: { Variable: '$[', IsNull: true } }] };
  expect(compileCondition(rule, 'JSONPath', 'Choices[2]')).toMatchObject({
    ok: false,
    problems: [{ field: 'Choices[2]/And[1]/Not/Variable', code: 'SCHEMA_VALIDATION_FAILED' }],
  });
});
