import { jsonFault } from '../../runtime/data/json-fault.ts';

/** Why a text cannot be an execution's input; undefined when it can. */
export function executionInputFault(input: string): string | undefined {
  return input.trim() === '' ? 'Invalid execution input.' : jsonFault(input);
}
