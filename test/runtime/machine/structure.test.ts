import { describe, expect, it } from 'vitest';
import { faultsOf, LAMBDA, machineWith, machineWithRule, processor } from './definitions.ts';

const SCHEMA = 'SCHEMA_VALIDATION_FAILED:';
const TARGET = 'MISSING_TRANSITION_TARGET:';
const NO_END = 'MISSING_END_STATE: Workflow has no terminal state at null';
const pass = { Type: 'Pass', End: true };
const task = { Type: 'Task', Resource: LAMBDA, End: true };
const map = { Type: 'Map', ItemProcessor: processor, End: true };
const succeed = { Type: 'Succeed' };

describe('the text of a definition', () => {
  it.each([
    ['', [`${SCHEMA} Definition must be a valid JSON object at null`]],
    ['[]', [`${SCHEMA} Definition must be a valid JSON object at null`]],
    [
      'not a definition',
      [
        `INVALID_JSON_DESCRIPTION: Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)"not a definition"; line: 1, column: 4] at [Source: (String)"not a definition"; line: 1, column: 4]`,
      ],
    ],
    [
      '['.repeat(1001) + ']'.repeat(1001),
      ['INVALID_JSON_DESCRIPTION: Document nesting depth exceeds the maximum allowed (1000) at null'],
    ],
  ])('%.40j', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });
});

describe('the shape of a definition', () => {
  it.each<[string, unknown, string[]]>([
    ['nothing in it', {}, [`${SCHEMA} These fields are required: [States, StartAt] at /`]],
    ['no StartAt', { States: { S: pass } }, [`${SCHEMA} These fields are required: [StartAt] at /`]],
    [
      'no state',
      { StartAt: 'First', States: {} },
      [
        `${SCHEMA} Value cannot be empty at /States`,
        `${TARGET} Missing 'Next' target: First at /StartAt`,
        NO_END,
      ],
    ],
    [
      'States that are no object',
      { StartAt: 'S', States: [] },
      [`${SCHEMA} Expected value of type [OBJECT] at /States`],
    ],
    ['an unknown field', machineWith(pass, { Foo: 1 }), [`${SCHEMA} Field 'Foo' is not supported at /`]],
    [
      'a member named __proto__',
      '{"__proto__":{},"StartAt":"S","States":{"S":{"Type":"Succeed"}}}',
      [`${SCHEMA} Field '__proto__' is not supported at /`],
    ],
    [
      'a member given twice, of which the last one counts',
      '{"StartAt":"Gone","StartAt":"S","States":{"S":{"Type":"Nope","Type":"Succeed"},"S":{"Type":"Pass","End":true}}}',
      [],
    ],
    [
      'another Version',
      machineWith(pass, { Version: '2.0' }),
      [`${SCHEMA} Value should be one of the following: [1.0] at /Version`],
    ],
    [
      'a TimeoutSeconds below 0',
      machineWith(pass, { TimeoutSeconds: -1 }),
      [`${SCHEMA} Minimum value is 0 at /TimeoutSeconds`],
    ],
    [
      'a state without Type',
      machineWith({}),
      [`${SCHEMA} The field 'Type' is required at /States/S`, NO_END],
    ],
    [
      'a state of unknown Type',
      machineWith({ Type: 'toString', End: true }),
      [
        `${SCHEMA} The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/S/Type`,
      ],
    ],
    [
      'neither Next nor End',
      { StartAt: 'S', States: { S: { Type: 'Pass' }, T: { Type: 'Succeed' } } },
      [
        `${SCHEMA} This object should have only one of the following fields: [Next, End] at /States/S`,
        `${TARGET} State "T" is not reachable. at /States/T`,
      ],
    ],
    [
      'both Next and End',
      machineWith({ Type: 'Pass', Next: 'S', End: true }),
      [`${SCHEMA} There should only be one of the following fields: [Next, End] at /States/S`],
    ],
    [
      'a text for End',
      machineWith({ ...succeed, End: 'x' }),
      [`${SCHEMA} Field 'End' is not supported at /States/S`],
    ],
    [
      'a number for Comment',
      machineWith({ ...pass, Comment: 1 }),
      [`${SCHEMA} Expected value of type [STRING] at /States/S/Comment`],
    ],
    [
      'QueryLanguage on a branch',
      machineWith({ Type: 'Parallel', Branches: [{ ...processor, QueryLanguage: 'JSONata' }], End: true }),
      [`${SCHEMA} Field 'QueryLanguage' is not supported at /States/S/Branches[0]`],
    ],
    [
      'no branches',
      machineWith({ Type: 'Parallel', Branches: [], End: true }),
      [`${SCHEMA} Value cannot be empty at /States/S/Branches`],
    ],
    [
      'a state inside a branch',
      machineWith({
        Type: 'Parallel',
        Branches: [{ StartAt: 'X', States: { X: { Type: 'Nope', End: true } } }],
        End: true,
      }),
      [
        `${SCHEMA} The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/S/Branches[0]/States/X/Type`,
      ],
    ],
  ])('%s', (_title, definition, faults) => {
    expect(faultsOf(definition)).toEqual(faults);
  });

  it('reports all faults of all states', () => {
    const definition = {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Foo: 1, Bar: 2, Next: 'B' }, B: { Type: 'Wait', Seconds: -1, End: true } },
    };
    expect(faultsOf(definition)).toEqual([
      `${SCHEMA} Field 'Foo' is not supported at /States/A`,
      `${SCHEMA} Field 'Bar' is not supported at /States/A`,
      `${SCHEMA} Minimum value is 0 at /States/B/Seconds`,
    ]);
  });
});

describe('fields of states', () => {
  const oneOf = (fields: string) => `${SCHEMA} There should only be one of the following fields: [${fields}]`;
  const noneOf = (fields: string) =>
    `${SCHEMA} This object should have only one of the following fields: [${fields}]`;

  it.each<[string, Record<string, unknown>, string[]]>([
    [
      'Wait with nothing to wait for',
      { Type: 'Wait', End: true },
      [`${noneOf('SecondsPath, Seconds, TimestampPath, Timestamp')} at /States/S`],
    ],
    [
      'Wait with two of them',
      { Type: 'Wait', Seconds: 1, SecondsPath: '$.s', End: true },
      [`${oneOf('SecondsPath, Seconds, TimestampPath, Timestamp')} at /States/S`],
    ],
    [
      'Wait.Seconds not whole',
      { Type: 'Wait', Seconds: 1.5, End: true },
      [`${SCHEMA} Expected value of type Integer at /States/S/Seconds`],
    ],
    [
      'Wait.Seconds too many',
      { Type: 'Wait', Seconds: 100_000_000, End: true },
      [`${SCHEMA} Maximum value is 99999999 at /States/S/Seconds`],
    ],
    [
      'Wait.Timestamp in month 13',
      { Type: 'Wait', Timestamp: '2016-13-05T21:29:29Z', End: true },
      [`${SCHEMA} String does not match RFC3339 timestamp at /States/S/Timestamp`],
    ],
    [
      'an expression in JSONPath',
      { Type: 'Wait', Timestamp: `{% '2016-03-14T01:59:00Z' %}`, End: true },
      [`${SCHEMA} String does not match RFC3339 timestamp at /States/S/Timestamp`],
    ],
    [
      'Fail with Error and ErrorPath',
      { Type: 'Fail', Error: 'E', ErrorPath: '$.e' },
      [`${oneOf('ErrorPath, Error')} at /States/S`],
    ],
    ['Fail with Next', { Type: 'Fail', Next: 'S' }, [`${SCHEMA} Field 'Next' is not supported at /States/S`]],
    [
      'Task without Resource',
      { Type: 'Task', End: true },
      [`${SCHEMA} These fields are required: [Resource] at /States/S`],
    ],
    [
      'TimeoutSeconds of 0',
      { ...task, TimeoutSeconds: 0 },
      [`${SCHEMA} Minimum value is 1 at /States/S/TimeoutSeconds`],
    ],
    [
      'TimeoutSeconds as text',
      { ...task, TimeoutSeconds: '5' },
      [`${SCHEMA} Expected value of type Integer at /States/S/TimeoutSeconds`],
    ],
    [
      'HeartbeatSeconds too long',
      { ...task, TimeoutSeconds: 5, HeartbeatSeconds: 5 },
      [`${SCHEMA} 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds' at /States/S/HeartbeatSeconds`],
    ],
    [
      'BackoffRate below 1',
      { ...task, Retry: [{ ErrorEquals: ['E'], BackoffRate: 0.5 }] },
      [`${SCHEMA} Minimum value is 1 at /States/S/Retry[0]/BackoffRate`],
    ],
    [
      'unknown JitterStrategy',
      { ...task, Retry: [{ ErrorEquals: ['E'], JitterStrategy: 'HALF' }] },
      [`${SCHEMA} Value should be one of the following: [NONE, FULL] at /States/S/Retry[0]/JitterStrategy`],
    ],
    [
      'MaxDelaySeconds not above IntervalSeconds',
      { ...task, Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 3, MaxDelaySeconds: 3 }] },
      [
        `${SCHEMA} 'MaxDelaySeconds' must be greater than 'IntervalSeconds' at /States/S/Retry[0]/MaxDelaySeconds`,
      ],
    ],
    [
      'no errors to match',
      { ...task, Retry: [{ ErrorEquals: [] }] },
      [`${SCHEMA} Value cannot be empty at /States/S/Retry[0]/ErrorEquals`],
    ],
    [
      'a catcher without anything',
      { ...task, Catch: [{}] },
      [`${SCHEMA} These fields are required: [ErrorEquals, Next] at /States/S/Catch[0]`],
    ],
    [
      'States.ALL not alone',
      { ...task, Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] },
      [`${SCHEMA} States.ALL must appear alone and at end of list at /States/S/Retry[0]/ErrorEquals`],
    ],
    [
      'States.ALL not last',
      { ...task, Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] },
      [`${SCHEMA} States.ALL must appear alone and at end of list at /States/S/Retry[0]/ErrorEquals`],
    ],
    [
      'Map without processor',
      { Type: 'Map', End: true },
      [`${noneOf('ItemProcessor, Iterator')} at /States/S`],
    ],
    [
      'Map with both selectors',
      { ...map, ItemSelector: {}, Parameters: {} },
      [`${oneOf('ItemSelector, Parameters')} at /States/S`],
    ],
    [
      'Map with a text for Items',
      { ...map, QueryLanguage: 'JSONata', Items: 'x' },
      [`${SCHEMA} Expected value of type [ARRAY] at /States/S/Items`],
    ],
    [
      'an ItemReader in inline mode',
      { ...map, ItemReader: {} },
      [`${SCHEMA} Field 'ItemReader' is not supported at /States/S`],
    ],
    [
      'ExecutionType in inline mode',
      { ...map, ItemProcessor: { ...processor, ProcessorConfig: { ExecutionType: 'STANDARD' } } },
      [`${SCHEMA} Field 'ExecutionType' is not supported at /States/S/ItemProcessor/ProcessorConfig`],
    ],
    [
      'no ExecutionType in distributed mode',
      { ...map, ItemProcessor: { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED' } } },
      [`${SCHEMA} These fields are required: [ExecutionType] at /States/S/ItemProcessor/ProcessorConfig`],
    ],
  ])('%s', (_title, state, faults) => {
    expect(faultsOf(machineWith(state))).toEqual(faults);
  });
});

describe('choice rules', () => {
  const kinds = `${SCHEMA} The object must have only one of the following fields, [And, Or, Not, Variable, Condition]`;
  const present = { Variable: '$.a', IsPresent: true };

  it.each<[string, unknown, string[]]>([
    ['no condition', { Next: 'Done' }, [`${kinds} at /States/S/Choices[0]`]],
    ['two conditions', { ...present, Not: present, Next: 'Done' }, [`${kinds} at /States/S/Choices[0]`]],
    [
      'an operator without its Variable',
      { Not: present, IsNull: true, Next: 'Done' },
      [`${SCHEMA} Field 'IsNull' is not supported at /States/S/Choices[0]`],
    ],
    ['no Next', present, [`${SCHEMA} These fields are required: [Next] at /States/S/Choices[0]`]],
    [
      'Next in a nested rule',
      { And: [{ ...present, Next: 'Done' }], Next: 'Done' },
      [`${SCHEMA} Field 'Next' is not supported at /States/S/Choices[0]/And[0]`],
    ],
    [
      'an empty And',
      { And: [], Next: 'Done' },
      [`${SCHEMA} Value cannot be empty at /States/S/Choices[0]/And`],
    ],
    [
      'faults deep inside',
      { Or: [{ Not: { And: [present, {}] } }], Next: 'Done' },
      [`${kinds} at /States/S/Choices[0]/Or[0]/Not/And[1]`],
    ],
    [
      'a number to compare texts with',
      { Variable: '$.a', StringEquals: 1, Next: 'Done' },
      [`${SCHEMA} Expected value of type [STRING] at /States/S/Choices[0]/StringEquals`],
    ],
    [
      'a bad timestamp',
      { Variable: '$.a', TimestampLessThan: 'soon', Next: 'Done' },
      [`${SCHEMA} String does not match RFC3339 timestamp at /States/S/Choices[0]/TimestampLessThan`],
    ],
  ])('%s', (_title, rule, faults) => {
    expect(faultsOf(machineWithRule(rule))).toEqual(faults);
  });

  it('wants exactly one operator beside Variable', () => {
    expect(faultsOf(machineWithRule({ Variable: '$.a', Next: 'Done' }))).toEqual([
      expect.stringMatching(
        /^SCHEMA_VALIDATION_FAILED: This object should have only one of the following fields: \[StringEquals, .*\] at \/States\/S\/Choices\[0\]$/,
      ),
    ]);
    expect(faultsOf(machineWithRule({ ...present, IsNull: true, Next: 'Done' }))).toEqual([
      expect.stringMatching(
        /^SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: \[StringEquals, .*\] at \/States\/S\/Choices\[0\]$/,
      ),
    ]);
  });
});
