import { expect, it } from 'vitest';
import { parseDefinition } from '../../../runtime/machine/parse.ts';
import { faultsOf, LAMBDA, machineWith, machineWithDistributedMap, machineWithRule } from './definitions.ts';

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

it('warns of values that look evaluated, and accepts them', () => {
  const state = { ...pass, Parameters: { a: { b: '$.c' } }, Result: ['$.d'] };
  const parsed = parseDefinition(JSON.stringify(machineWith(state)), 'STANDARD');
  expect(parsed).toMatchObject({
    ok: true,
    warnings: [
      { severity: 'WARNING', code: 'NO_DOLLAR', location: '/States/S/Parameters' },
      { severity: 'WARNING', code: 'PASS_RESULT_IS_STATIC', location: '/States/S/Result' },
    ],
  });
});
