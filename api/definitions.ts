import { type Diagnostic, type Machine, type MachineType, parseDefinition } from '../runtime/index.ts';
import { awsError } from './errors.ts';

/** @throws AwsError InvalidDefinition, with every error of the definition */
export function checkDefinition(definition: string, type: MachineType): Machine {
  const parsed = parseDefinition(definition, type);
  if (parsed.ok) return parsed.machine;
  const errors = parsed.diagnostics.filter(({ severity }) => severity === 'ERROR');
  throw awsError('InvalidDefinition', errors.map(describe).join(', '));
}

function describe({ code, message, location }: Diagnostic): string {
  return `${code}: ${message} at ${location ?? null}`;
}
