/**
 * What AWS warns of without refusing the definition: paths that are taken for the texts they are.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
 */
import { isArray, isObject, type Json } from '../data/json.ts';
import { OPERATORS } from '../states/choice/comparators.ts';
import type { Faults } from './faults.ts';
import { memberOf, type OutlinedPart, type OutlinedScope, partsOf, statesIn } from './outline.ts';

/** Fields whose members are evaluated when their names end with `.$`. */
const TEMPLATES = new Set(['Parameters', 'ResultSelector', 'ItemSelector', 'Assign', 'BatchInput']);

/** Fields that are written out, and are read from the data under another name: `Error` and `ErrorPath`. */
const HAVE_PATH_FIELDS = new Set([
  'Error',
  'Cause',
  'Seconds',
  'Timestamp',
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'MaxConcurrency',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
  'MaxItems',
  'MaxItemsPerBatch',
  'MaxInputBytesPerBatch',
  ...[...OPERATORS.values()]
    .filter(({ readsPath }) => readsPath)
    .map(({ name }) => name.slice(0, -'Path'.length)),
]);

/** A path, also of the Context Object or a variable, or an intrinsic function call. */
const LOOKS_EVALUATED = /^\$(?:\$?(?:[.[]|$)|[\p{ID_Start}_])|^States\.\w+\(/u;

export function checkForWarnings(machine: OutlinedScope, faults: Faults): void {
  for (const state of statesIn(machine)) {
    if (state.language === 'JSONata') continue;
    for (const part of partsOf(state)) checkPart(part, faults);
    const { source, type, location } = state;
    if (type === 'Pass' && holdsPaths(memberOf(source, 'Result') ?? null))
      faults.warning(
        'PASS_RESULT_IS_STATIC',
        `The field 'Result' is static: the JSONPath or intrinsic function in it is not evaluated`,
        `${location}/Result`,
      );
  }
}

function checkPart({ source, location }: OutlinedPart, faults: Faults): void {
  for (const [field, value] of Object.entries(source)) {
    if (TEMPLATES.has(field)) {
      for (const key of membersLikePaths(value))
        faults.warning(
          'NO_DOLLAR',
          `The value of the field '${key}' looks like a JSONPath or an intrinsic function: to be evaluated, the field's name must end with '.$'`,
          `${location}/${field}`,
        );
    }
    if (HAVE_PATH_FIELDS.has(field) && looksEvaluated(value))
      faults.warning(
        'NO_PATH',
        `The value of the field '${field}' looks like a path: to be read from there, it must stand in '${field}Path'`,
        `${location}/${field}`,
      );
  }
}

function looksEvaluated(value: Json): boolean {
  return typeof value === 'string' && LOOKS_EVALUATED.test(value);
}

function membersLikePaths(value: Json): string[] {
  if (isArray(value)) return value.flatMap(membersLikePaths);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    looksEvaluated(inner) && !key.endsWith('.$') ? [key] : membersLikePaths(inner),
  );
}

function holdsPaths(value: Json): boolean {
  if (isArray(value)) return value.some(holdsPaths);
  return isObject(value) ? Object.values(value).some(holdsPaths) : looksEvaluated(value);
}
