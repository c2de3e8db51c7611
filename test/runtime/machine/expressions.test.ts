import { describe, expect, it } from 'vitest';
import {
  faultsOf,
  LAMBDA,
  machineWith,
  machineWithDistributedMap,
  machineWithRule,
  processor,
} from './definitions.ts';

const SCHEMA = 'SCHEMA_VALIDATION_FAILED:';
const task = { Type: 'Task', Resource: LAMBDA, End: true };
const pass = { Type: 'Pass', End: true };
const jsonata = { ...task, QueryLanguage: 'JSONata' };

it.each<[string, unknown, string[]]>([
  [
    'InputPath',
    machineWith({ ...pass, InputPath: '$[' }),
    [`${SCHEMA} Value must be a valid JSONPath. at /States/S/InputPath`],
  ],
  [
    'a template',
    machineWith({
      ...pass,
      Parameters: { 'parsed.$': String.raw`States.Format('He said, \"Hello, {}!\"', 'x')` },
    }),
    [
      `${SCHEMA} The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters`,
    ],
  ],
  [
    'a template in a catcher',
    machineWith({ ...task, Catch: [{ ErrorEquals: ['E'], Next: 'S', Assign: { 'a.$': 'x' } }] }),
    [
      `${SCHEMA} The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Catch[0]/Assign`,
    ],
  ],
  [
    'a JSONata syntax error',
    machineWith({ ...jsonata, Output: { list: [1, '{% [1, %}'] } }),
    [
      expect.stringMatching(
        /^INVALID_JSONATA_EXPRESSION: .+ at \/States\/S\/Output\/list\[1\]$/,
      ) as unknown as string,
    ],
  ],
  [
    'a reference that JSONata does not support',
    machineWithRule({ Condition: '{% phone = 1 %}', Next: 'Done' }, { QueryLanguage: 'JSONata' }),
    [
      `UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/S/Choices[0]/Condition`,
    ],
  ],
  [
    'a reserved variable',
    machineWith({ ...pass, Assign: { states: 1 } }),
    [`RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Assign`],
  ],
  [
    'a variable that is no name',
    machineWith({ ...pass, Assign: { '1st.$': '$' } }),
    [
      `INVALID_VARIABLE_NAME: Invalid variable name '1st': the variable name contains invalid characters. at /States/S/Assign`,
    ],
  ],
])('%s', (_title, definition, faults) => {
  expect(faultsOf(definition)).toEqual(faults);
});

it.each([
  ['ResultPath', machineWith({ ...pass, ResultPath: '$.a[*]' })],
  ['ResultPath', machineWith({ ...pass, ResultPath: '$$.a' })],
  ['ResultPath', machineWith({ ...pass, ResultPath: '$variable' })],
  ['SecondsPath', machineWith({ Type: 'Wait', SecondsPath: 'a', End: true })],
  ['TimeoutSecondsPath', machineWith({ ...task, TimeoutSecondsPath: '$..a' })],
  ['ErrorPath', machineWith({ Type: 'Fail', ErrorPath: 'a' })],
  ['Choices[0]/Variable', machineWithRule({ Variable: 'a', IsNull: true, Next: 'Done' })],
  ['Choices[0]/StringEqualsPath', machineWithRule({ Variable: '$', StringEqualsPath: 'a', Next: 'Done' })],
  [
    'ItemBatcher/MaxItemsPerBatchPath',
    machineWithDistributedMap({ ItemBatcher: { MaxItemsPerBatchPath: 'a' } }),
  ],
])('refuses what is no reference path in %s', (field, definition) => {
  const [fault, ...more] = faultsOf(definition);
  expect(fault).toContain('SCHEMA_VALIDATION_FAILED: Value is not a Reference Path');
  expect(fault?.endsWith(` at /States/S/${field}`)).toBe(true);
  expect(more).toEqual([]);
});

describe('$states', () => {
  const MISSING = /^UNSUPPORTED_JSONATA_EXPRESSION: Field '\$states\.(\w+)' does not exist\. at (.*)$/;
  const CATCH = { ErrorEquals: ['States.ALL'], Next: 'Done' };
  const all = '{% [$states.input, $states.context, $states.result, $states.errorOutput] %}';
  /** The members that are refused, and where. */
  const refusedIn = (state: Record<string, unknown>): (string | undefined)[][] => {
    const States = { S: { QueryLanguage: 'JSONata', ...state }, Done: { Type: 'Succeed' } };
    return faultsOf({ StartAt: 'S', States }).map((fault) => MISSING.exec(fault)?.slice(1) ?? [fault]);
  };
  const work = { Type: 'Task', Resource: LAMBDA, Next: 'Done' };

  it.each([
    ['Output', { ...work, Output: all }, ['errorOutput']],
    ['Assign/x', { ...work, Assign: { x: all } }, ['errorOutput']],
    ['Arguments/x', { ...work, Arguments: { x: all } }, ['result', 'errorOutput']],
    ['TimeoutSeconds', { ...work, TimeoutSeconds: all }, ['result', 'errorOutput']],
    ['Catch[0]/Output', { ...work, Catch: [{ ...CATCH, Output: all }] }, ['result']],
    ['Catch[0]/Assign/x', { ...work, Catch: [{ ...CATCH, Assign: { x: all } }] }, ['result']],
    ['Output', { Type: 'Parallel', Branches: [processor], Next: 'Done', Output: all }, ['errorOutput']],
    ['Output', { Type: 'Map', ItemProcessor: processor, Next: 'Done', Output: all }, ['errorOutput']],
    ['Items', { Type: 'Map', ItemProcessor: processor, Next: 'Done', Items: all }, ['result', 'errorOutput']],
    ['Output', { Type: 'Pass', Next: 'Done', Output: all }, ['result', 'errorOutput']],
    [
      'Choices[0]/Condition',
      { Type: 'Choice', Default: 'Done', Choices: [{ Condition: all, Next: 'Done' }] },
      ['result', 'errorOutput'],
    ],
    [
      'Choices[0]/Output',
      { Type: 'Choice', Default: 'Done', Choices: [{ Condition: true, Output: all, Next: 'Done' }] },
      ['result', 'errorOutput'],
    ],
  ])('holds in %s what there is (%#)', (field, state, missing) => {
    expect(refusedIn(state)).toEqual(missing.map((name) => [name, `/States/S/${field}`]));
  });

  it.each([
    ['$states.nope', ['nope']],
    ['$states.input.result', []],
    ['$states', []],
    ['($states := {"nope": 1}; $states.nope)', []],
    ['$states.inputs[0].x + $states."context "', ['inputs', 'context ']],
  ])('%s', (expression, missing) => {
    const faults = faultsOf(machineWith({ ...jsonata, Output: `{% ${expression} %}` }));
    expect(faults).toEqual(
      missing.map(
        (name) =>
          `UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.${name}' does not exist. at /States/S/Output`,
      ),
    );
  });
});
