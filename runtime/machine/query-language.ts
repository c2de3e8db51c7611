/**
 * Which fields go with which query language. A state in the wrong one is reported once per field.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
import { OPERATORS } from '../states/choice/comparators.ts';
import type { Faults } from './faults.ts';
import type { QueryLanguage } from './machine.ts';
import { memberOf, type OutlinedPart, type OutlinedScope, partsOf, statesIn } from './outline.ts';

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

export function checkQueryLanguages(machine: OutlinedScope, faults: Faults): void {
  const machineLanguage = memberOf(machine.source, 'QueryLanguage');
  for (const state of statesIn(machine)) {
    const language = memberOf(state.source, 'QueryLanguage');
    if (machineLanguage === 'JSONata' && language === 'JSONPath')
      faults.schema(
        `'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine`,
        state.location,
      );
    for (const part of partsOf(state)) checkFields(part, state.language, faults);
  }
}

function checkFields({ source, location }: OutlinedPart, language: QueryLanguage, faults: Faults): void {
  for (const field of Object.keys(source)) {
    const only = LANGUAGE_OF.get(field);
    if (only !== undefined && only !== language)
      faults.schema(
        `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${only}' QueryLanguage`,
        location,
      );
  }
}

function fieldsOf(language: QueryLanguage, fields: readonly string[]): [string, QueryLanguage][] {
  return fields.map((field) => [field, language]);
}
