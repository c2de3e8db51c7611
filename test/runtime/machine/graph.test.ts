import { expect, it } from 'vitest';
import { faultsOf, LAMBDA, machineWith } from './definitions.ts';

const TARGET = 'MISSING_TRANSITION_TARGET:';
const succeed = { Type: 'Succeed' };
const choice = { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'S' }] };

it.each<[string, unknown, string[]]>([
  [
    'a missing target and what it leaves unreachable',
    {
      StartAt: 'pass1',
      States: { pass1: { Type: 'Pass', Next: 'pass3' }, pass2: { Type: 'Pass', End: true } },
    },
    [
      `${TARGET} Missing 'Next' target: pass3 at /States/pass1/Next`,
      `${TARGET} State "pass2" is not reachable. at /States/pass2`,
    ],
  ],
  [
    'a missing StartAt, which says nothing of the other states',
    { StartAt: 'Nope', States: { S: succeed } },
    [`${TARGET} Missing 'Next' target: Nope at /StartAt`],
  ],
  [
    'missing targets of a Choice',
    {
      StartAt: 'C',
      States: {
        C: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'X' }], Default: 'Y' },
        End: succeed,
      },
    },
    [
      `${TARGET} Missing 'Next' target: X at /States/C/Choices[0]/Next`,
      `${TARGET} Missing 'Next' target: Y at /States/C/Default`,
      `${TARGET} State "End" is not reachable. at /States/End`,
    ],
  ],
  [
    'a missing target of a catcher',
    machineWith({ Type: 'Task', Resource: LAMBDA, Catch: [{ ErrorEquals: ['E'], Next: 'X' }], End: true }),
    [`${TARGET} Missing 'Next' target: X at /States/S/Catch[0]/Next`],
  ],
  [
    'a loop without an end',
    machineWith(choice),
    ['MISSING_END_STATE: Workflow has no terminal state at null'],
  ],
  [
    'a target outside of the branch',
    {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Out' }, B: succeed } }],
          Next: 'Out',
        },
        Out: succeed,
      },
    },
    [
      `${TARGET} Missing 'Next' target: Out at /States/P/Branches[0]/States/A/Next`,
      `${TARGET} State "B" is not reachable. at /States/P/Branches[0]/States/B`,
    ],
  ],
  [
    'a name used twice in the definition',
    {
      StartAt: 'P',
      States: {
        P: { Type: 'Parallel', Branches: [{ StartAt: 'Q', States: { Q: succeed } }], Next: 'Q' },
        Q: succeed,
      },
    },
    ['DUPLICATE_STATE_NAME: Duplicate State name: Q at /States/Q'],
  ],
  [
    'a name of 81 characters',
    { StartAt: 'n'.repeat(81), States: { ['n'.repeat(81)]: succeed } },
    [
      `INVALID_STATE_NAME: State name '${'n'.repeat(81)}' exceeds the 80-character limit allowed by the service at /States/${'n'.repeat(80)}…`,
    ],
  ],
])('%s', (_title, definition, faults) => {
  expect(faultsOf(definition)).toEqual(faults);
});

it('takes a name of 80 characters, and names of built-in members', () => {
  const long = 'n'.repeat(80);
  const definition = `{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","Next":"constructor"},
    "constructor":{"Type":"Pass","Next":"${long}"},"${long}":{"Type":"Succeed"}}}`;
  expect(faultsOf(definition)).toEqual([]);
});

it('reaches states through Default and Catch', () => {
  const definition = {
    StartAt: 'C',
    States: {
      C: { ...choice, Choices: [{ Variable: '$.a', IsNull: true, Next: 'C' }], Default: 'T' },
      T: { Type: 'Task', Resource: LAMBDA, Catch: [{ ErrorEquals: ['E'], Next: 'F' }], End: true },
      F: { Type: 'Fail' },
    },
  };
  expect(faultsOf(definition)).toEqual([]);
});
