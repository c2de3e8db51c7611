/** The arguments of `arn:aws:states:::postgres:execute`, as far as a definition writes them out. */
import { isArray, isObject, type Json, member } from '../data/json.ts';
import { isExpression } from '../expressions/expression-text.ts';
import type { Faults } from './faults.ts';
import type { QueryLanguage } from './machine.ts';
import type { OutlinedState } from './outline.ts';
import { isStatementAllowed, STATEMENT_REFUSED } from './sql-statement.ts';

const FIELDS = ['Statement', 'Parameters', 'ReadOnly'];

/** @param field `Parameters` or `Arguments` */
export function checkPostgresArguments(
  given: Json,
  { language, location }: OutlinedState,
  field: string,
  faults: Faults,
): void {
  if (!isObject(given)) return;
  const place = `${location}/${field}`;
  for (const name of Object.keys(given))
    if (!FIELDS.includes(language === 'JSONPath' ? name.replace(/\.\$$/, '') : name))
      faults.schema(`The field '${name}' is not supported by Step Functions`, `${place}/${name}`);
  for (const name of FIELDS) {
    const value = member(given, name);
    if (value === undefined || isComputed(value, language)) continue;
    const message = refusalOf(name, value);
    if (message !== undefined) faults.schema(message, `${place}/${name}`);
  }
}

function refusalOf(name: string, value: Json): string | undefined {
  if (name === 'ReadOnly') return typeof value === 'boolean' ? undefined : 'Expected value of type Boolean';
  if (name === 'Parameters') return isArray(value) ? undefined : 'Expected value of type Array';
  if (typeof value !== 'string') return 'Expected value of type String';
  return isStatementAllowed(value) ? undefined : STATEMENT_REFUSED;
}

function isComputed(value: Json, language: QueryLanguage): boolean {
  return language === 'JSONata' && typeof value === 'string' && isExpression(value);
}
