import { expect, it } from 'vitest';
import { parseDefinition } from '../../../runtime/machine/parse.ts';
import { LAMBDA, machineWith, machineWithDistributedMap, machineWithRule } from './definitions.ts';

const pass = { Type: 'Pass', End: true };
const task = { Type: 'Task', Resource: LAMBDA, End: true };

/** `CODE location` of each warning of a definition that is accepted. */
function warningsOf(definition: unknown): string[] {
  const parsed = parseDefinition(JSON.stringify(definition), 'STANDARD');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.warnings.map(({ code, location }) => `${code} ${location}`);
}

it.each<[string, unknown, string[]]>([
  [
    'paths in a template',
    machineWith({ ...pass, Parameters: { a: { b: '$.c' }, list: [{ d: '$$.Execution.Id' }] } }),
    ['NO_DOLLAR /States/S/Parameters', 'NO_DOLLAR /States/S/Parameters'],
  ],
  [
    'a variable and a function',
    machineWith({ ...task, ResultSelector: { v: '$total', f: 'States.UUID()' } }),
    ['NO_DOLLAR /States/S/ResultSelector', 'NO_DOLLAR /States/S/ResultSelector'],
  ],
  [
    'a template in a catcher',
    machineWith({ ...task, Catch: [{ ErrorEquals: ['E'], Next: 'S', Assign: { error: '$.Error' } }] }),
    ['NO_DOLLAR /States/S/Catch[0]/Assign'],
  ],
  [
    'a template of an item batcher',
    machineWithDistributedMap({ ItemBatcher: { MaxItemsPerBatch: 1, BatchInput: { a: '$.a' } } }),
    ['NO_DOLLAR /States/S/ItemBatcher/BatchInput'],
  ],
  [
    'texts that are no paths',
    machineWith({ ...pass, Parameters: { a: '$5', b: 'States.', c: 'see $.c', 'd.$': '$.d' } }),
    [],
  ],
  [
    'a path in Error and Cause',
    machineWith({ Type: 'Fail', Error: '$.error', Cause: 'because of $.cause' }),
    ['NO_PATH /States/S/Error'],
  ],
  [
    'a path to compare with',
    machineWithRule({ Not: { Variable: '$.a', StringEquals: '$.b' }, Next: 'Done' }),
    ['NO_PATH /States/S/Choices[0]/Not/StringEquals'],
  ],
  [
    'a path in a Result',
    machineWith({ ...pass, Result: ['$.d'] }),
    ['PASS_RESULT_IS_STATIC /States/S/Result'],
  ],
  ['JSONata, where texts are texts', machineWith({ ...pass, QueryLanguage: 'JSONata', Output: '$.a' }), []],
])('%s', (_title, definition, warnings) => {
  expect(warningsOf(definition)).toEqual(warnings);
});
