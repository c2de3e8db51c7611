/**
 * Which fields go with which query language. A state in the wrong one is reported once per field.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
import { isArray, isObject, type Json } from '../data/json.ts';
import { OPERATORS } from '../states/choice/comparators.ts';
import type { Faults } from './faults.ts';
import type { QueryLanguage } from './machine.ts';
import { memberOf, type OutlinedScope, type OutlinedState, statesIn } from './outline.ts';

/** Fields of one language alone, in states and in the objects inside them. */
const LANGUAGE_OF: ReadonlyMap<string, QueryLanguage> = new Map([
  ...fieldsOf('JSONPath', [
    'InputPath',
    'OutputPath',
    'ResultPath',
    'Parameters',
    'ResultSelector',
    'Result',
    'ItemsPath',
    'SecondsPath',
    'TimestampPath',
    'ErrorPath',
    'CausePath',
    'TimeoutSecondsPath',
    'HeartbeatSecondsPath',
    'MaxConcurrencyPath',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentagePath',
    'MaxItemsPath',
    'MaxItemsPerBatchPath',
    'MaxInputBytesPerBatchPath',
    'And',
    'Or',
    'Not',
    'Variable',
    ...OPERATORS.keys(),
  ]),
  ...fieldsOf('JSONata', ['Arguments', 'Output', 'Items', 'Condition']),
]);

/** Objects and lists in a state that have such fields, too. */
const NESTED = [
  'Catch',
  'Choices',
  'And',
  'Or',
  'Not',
  'ItemReader',
  'ReaderConfig',
  'ItemBatcher',
  'ResultWriter',
];

export function checkQueryLanguages(machine: OutlinedScope, faults: Faults): void {
  const machineLanguage = memberOf(machine.source, 'QueryLanguage');
  for (const state of statesIn(machine)) {
    const language = memberOf(state.source, 'QueryLanguage');
    if (machineLanguage === 'JSONata' && language === 'JSONPath')
      faults.schema(
        `'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine`,
        state.location,
      );
    checkFields(state, state.source, state.location, faults);
  }
}

function checkFields(state: OutlinedState, source: Json, location: string, faults: Faults): void {
  if (!isObject(source)) return;
  for (const field of Object.keys(source)) {
    const only = LANGUAGE_OF.get(field);
    if (only !== undefined && only !== state.language)
      faults.schema(
        `The QueryLanguage is set to '${state.language}', but field '${field}' is only supported for the '${only}' QueryLanguage`,
        location,
      );
  }
  for (const field of NESTED) {
    const inner = memberOf(source, field);
    const place = `${location}/${field}`;
    if (isArray(inner))
      for (const [i, item] of inner.entries()) checkFields(state, item, `${place}[${i}]`, faults);
    else if (inner !== undefined) checkFields(state, inner, place, faults);
  }
}

function fieldsOf(language: QueryLanguage, fields: readonly string[]): [string, QueryLanguage][] {
  return fields.map((field) => [field, language]);
}
