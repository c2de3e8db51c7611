/** What AWS warns of without refusing the definition. */
import { isArray, isObject, type Json } from '../data/json.ts';
import type { Faults } from './faults.ts';
import { memberOf, type OutlinedScope, statesIn } from './outline.ts';

/** Fields whose members are evaluated when their names end with `.$`. */
const TEMPLATES = ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign'];

const LOOKS_EVALUATED = /^\$\$?(?:\.|\[|$)|^States\.\w+\(/;

export function checkForWarnings(machine: OutlinedScope, faults: Faults): void {
  for (const { source, type, language, location } of statesIn(machine)) {
    if (language === 'JSONata') continue;
    for (const field of TEMPLATES) {
      for (const key of membersLikePaths(memberOf(source, field) ?? null))
        faults.warning(
          'NO_DOLLAR',
          `The value of the field '${key}' looks like a JSONPath or an intrinsic function: to be evaluated, the field's name must end with '.$'`,
          `${location}/${field}`,
        );
    }
    if (type === 'Pass' && holdsPaths(memberOf(source, 'Result') ?? null))
      faults.warning(
        'PASS_RESULT_IS_STATIC',
        `The field 'Result' is static: the JSONPath or intrinsic function in it is not evaluated`,
        `${location}/Result`,
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
