import { formatDiagnostics, type Machine, type MachineType, parseDefinition } from '../runtime/index.ts';
import { awsError } from './errors.ts';

/** @throws AwsError InvalidDefinition, with every error of the definition */
export function checkDefinition(definition: string, type: MachineType): Machine {
  const parsed = parseDefinition(definition, type);
  if (parsed.ok) return parsed.machine;
  throw awsError('InvalidDefinition', formatDiagnostics(parsed.diagnostics));
}
