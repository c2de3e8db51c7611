import type { Integrations } from '../integrations/registry.ts';
import {
  type Diagnostic,
  formatDiagnostics,
  type Machine,
  type MachineType,
  parseDefinition,
} from '../runtime/index.ts';
import { isPostgres } from '../runtime/machine/resource.ts';
import { awsError } from './errors.ts';

/**
 * @param integrations of this installation; undefined: any may be there
 * @throws AwsError InvalidDefinition, with every error of the definition
 */
export function checkDefinition(
  definition: string,
  type: MachineType,
  integrations: Pick<Integrations, 'find'> | undefined,
): Machine {
  const parsed = parseDefinition(definition, type);
  const diagnostics = parsed.ok ? unservedSql(parsed.machine, integrations) : parsed.diagnostics;
  if (parsed.ok && diagnostics.length === 0) return parsed.machine;
  throw awsError('InvalidDefinition', formatDiagnostics(diagnostics));
}

/** A setting decides whether there are SQL tasks, so it can be told before any of them is to run. */
function unservedSql(
  { allStates, states }: Machine,
  integrations: Pick<Integrations, 'find'> | undefined,
): Diagnostic[] {
  return [...allStates.values()].flatMap((state): Diagnostic[] => {
    if (state.type !== 'Task' || !isPostgres(state.resource)) return [];
    if (integrations === undefined || integrations.find(state.resource) !== undefined) return [];
    const message = `The resource provided ${state.resource.arn} is not available: STATEHOUSE_SQL_TASKS_URL is not set`;
    const location = states.has(state.name) ? `/States/${state.name}/Resource` : undefined;
    return [{ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message, location }];
  });
}
