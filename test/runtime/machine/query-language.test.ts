import { expect, it } from 'vitest';
import { faultsOf, LAMBDA, machineOf, machineWith, machineWithRule, processor } from './definitions.ts';

const SCHEMA = 'SCHEMA_VALIDATION_FAILED:';
const pass = { Type: 'Pass', End: true };
const JSONATA = { QueryLanguage: 'JSONata' };

function onlyIn(language: 'JSONPath' | 'JSONata', field: string, location = '/States/S'): string {
  const other = language === 'JSONPath' ? 'JSONata' : 'JSONPath';
  return `${SCHEMA} The QueryLanguage is set to '${other}', but field '${field}' is only supported for the '${language}' QueryLanguage at ${location}`;
}

it.each<[string, unknown, string[]]>([
  ['Output in JSONPath', machineWith({ ...pass, Output: 1 }), [onlyIn('JSONata', 'Output')]],
  ['Result in JSONata', machineWith({ ...pass, ...JSONATA, Result: 1 }), [onlyIn('JSONPath', 'Result')]],
  [
    'InputPath in a JSONata machine',
    machineWith({ ...pass, InputPath: '$' }, JSONATA),
    [onlyIn('JSONPath', 'InputPath')],
  ],
  [
    'ResultPath in a catcher of JSONata',
    machineWith({
      Type: 'Task',
      Resource: LAMBDA,
      ...JSONATA,
      Catch: [{ ErrorEquals: ['E'], Next: 'S', ResultPath: '$' }],
      End: true,
    }),
    [onlyIn('JSONPath', 'ResultPath', '/States/S/Catch[0]')],
  ],
  [
    'Condition in JSONPath',
    machineWithRule({ Condition: '{% true %}', Next: 'Done' }),
    [onlyIn('JSONata', 'Condition', '/States/S/Choices[0]')],
  ],
  [
    'Variable in JSONata',
    machineWithRule({ Variable: '$.a', IsNull: true, Next: 'Done' }, JSONATA),
    [
      onlyIn('JSONPath', 'Variable', '/States/S/Choices[0]'),
      onlyIn('JSONPath', 'IsNull', '/States/S/Choices[0]'),
    ],
  ],
  [
    'a JSONPath state in a JSONata machine',
    machineWith({ ...pass, QueryLanguage: 'JSONPath' }, JSONATA),
    [
      `${SCHEMA} 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/S`,
    ],
  ],
  [
    'an unknown language, which counts as JSONata',
    machineWith({ ...pass, QueryLanguage: 'SQL', InputPath: '$' }),
    [
      `${SCHEMA} Value should be one of the following: [JSONPath, JSONata] at /States/S/QueryLanguage`,
      onlyIn('JSONPath', 'InputPath'),
    ],
  ],
])('%s', (_title, definition, faults) => {
  expect(faultsOf(definition)).toEqual(faults);
});

it('inherits from the machine, not from the state around', () => {
  const map = { Type: 'Map', ...JSONATA, Items: [1], ItemProcessor: processor, End: true };
  const machine = machineOf(machineWith(map));
  expect(machine.allStates.get('S')?.flow.language).toBe('JSONata');
  expect(machine.allStates.get('Inner')?.flow.language).toBe('JSONPath');
  expect(machine.usesJsonata).toBe(true);
  expect(machineOf(machineWith(pass, JSONATA)).allStates.get('S')?.flow.language).toBe('JSONata');
  expect(machineOf(machineWith(pass)).usesJsonata).toBe(false);
});
