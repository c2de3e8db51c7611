import type { Faults } from './faults.ts';
import { memberOf, type OutlinedScope, STATE_NAME_LENGTH_MAX, statesIn } from './outline.ts';

const LABEL_LENGTH_MAX = 40;

/** Names of states, and labels of Map states, are unique over the whole definition, and not too long. */
export function checkNames(machine: OutlinedScope, faults: Faults): void {
  const names = new Set<string>();
  const labels = new Set<string>();
  for (const { name, location, source } of statesIn(machine)) {
    if (name.length > STATE_NAME_LENGTH_MAX)
      faults.error('INVALID_STATE_NAME', tooLong('State name', name, STATE_NAME_LENGTH_MAX), location);
    if (names.has(name)) faults.error('DUPLICATE_STATE_NAME', `Duplicate State name: ${name}`, location);
    names.add(name);

    const label = memberOf(source, 'Label');
    if (typeof label !== 'string') continue;
    if (label.length > LABEL_LENGTH_MAX)
      faults.error('INVALID_LABEL_NAME', tooLong('Label', label, LABEL_LENGTH_MAX), location);
    if (labels.has(label)) faults.error('DUPLICATE_LABEL_NAME', `Duplicate Label name: ${label}`, location);
    labels.add(label);
  }
}

function tooLong(what: string, name: string, max: number): string {
  return `${what} '${name}' exceeds the ${max}-character limit allowed by the service`;
}
