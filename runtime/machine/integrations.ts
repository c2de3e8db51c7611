/** What a Task's Resource names, and what it must be given. */
import { isObject, type Json, member } from '../data/json.ts';
import type { Faults } from './faults.ts';
import type { MachineType, QueryLanguage } from './machine.ts';
import { AWS_SDK, OPTIMIZED_INTEGRATIONS, type OptimizedIntegration } from './optimized-integrations.ts';
import { isDistributed, memberOf, type OutlinedScope, type OutlinedState, statesIn } from './outline.ts';
import { checkPostgresArguments } from './postgres-arguments.ts';
import { isPostgres, parseResource, type ServiceResource, type TaskResource } from './resource.ts';

const STATES_ARN = /^arn:aws[\w-]*:states:/;

export function checkIntegrations(machine: OutlinedScope, faults: Faults): void {
  for (const state of statesIn(machine)) {
    const arn = memberOf(state.source, 'Resource');
    if (state.type !== 'Task' || typeof arn !== 'string' || arn === '') continue;
    checkResource(state, arn, faults);
    checkCredentials(state, faults);
  }
}

/**
 * What Express executions cannot have: those of the machine, and those that a distributed Map of ExecutionType
 * EXPRESS starts for its items.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
 */
export function checkExecutionTypes(scope: OutlinedScope, type: MachineType, faults: Faults): void {
  for (const state of scope.states) {
    if (type === 'EXPRESS') checkExpress(state, faults);
    for (const inner of state.scopes) checkExecutionTypes(inner, typeInside(state, inner, type), faults);
  }
}

function typeInside(state: OutlinedState, { source }: OutlinedScope, outer: MachineType): MachineType {
  const isExpress = memberOf(memberOf(source, 'ProcessorConfig'), 'ExecutionType') === 'EXPRESS';
  return isDistributed(state) && isExpress ? 'EXPRESS' : outer;
}

function checkExpress(state: OutlinedState, faults: Faults): void {
  if (isDistributed(state))
    for (const { location } of state.scopes)
      faults.schema(
        `The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines`,
        `${location}/ProcessorConfig/Mode`,
      );
  const arn = memberOf(state.source, 'Resource');
  const resource = state.type === 'Task' && typeof arn === 'string' ? parseResource(arn) : undefined;
  const refused = resource && refusedByExpress(resource);
  if (refused !== undefined)
    faults.schema(`Express state machine does not support ${refused}`, `${state.location}/Resource`);
}

function refusedByExpress(resource: TaskResource): string | undefined {
  if (resource.kind === 'activity') return 'Activity ARN';
  if (isPostgres(resource)) return `'postgres:execute' service integration`;
  if (resource.kind === 'lambda' || resource.pattern === 'REQUEST_RESPONSE') return undefined;
  if (resource.pattern === 'RUN_A_JOB') return `'.sync' service integration`;
  // AWS's text has this blank at its end.
  return `'.waitForTaskToken' service integration `;
}

function checkResource(state: OutlinedState, arn: string, faults: Faults): void {
  const resource = parseResource(arn);
  if (resource?.kind === 'lambda' || resource?.kind === 'activity') return;
  const integration = resource && integrationOf(resource);
  if (integration) checkParameters(state, resource, integration, faults);
  else if (STATES_ARN.test(arn))
    faults.schema(
      `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
      `${state.location}/Resource`,
    );
  else faults.schema('Value is not a valid resource ARN', `${state.location}/Resource`);
}

/** @returns undefined when the service has no such action, or the action no such pattern */
function integrationOf({
  resourceType,
  action,
  resource,
}: ServiceResource): OptimizedIntegration | undefined {
  const integration = /^aws-sdk:[a-z0-9-]+$/.test(resourceType)
    ? AWS_SDK
    : OPTIMIZED_INTEGRATIONS.get(`${resourceType}:${action}`);
  return integration?.suffixes.includes(resource.slice(action.length)) ? integration : undefined;
}

function checkParameters(
  state: OutlinedState,
  resource: ServiceResource,
  { requiredParameters }: OptimizedIntegration,
  faults: Faults,
): void {
  const field = state.language === 'JSONata' ? 'Arguments' : 'Parameters';
  const given = memberOf(state.source, field);
  if (given === undefined)
    faults.schema(`${field} field is required for resource ARN: ${resource.arn}`, state.location);
  else {
    requireMembers(given, requiredParameters, state, field, faults);
    if (isPostgres(resource)) checkPostgresArguments(given, state, field, faults);
  }
}

function checkCredentials(state: OutlinedState, faults: Faults): void {
  const credentials = memberOf(state.source, 'Credentials');
  if (credentials !== undefined) requireMembers(credentials, ['RoleArn'], state, 'Credentials', faults);
}

/** What is computed as a whole (`{% … %}`) cannot be checked before it runs. */
function requireMembers(
  given: Json,
  required: readonly string[],
  state: OutlinedState,
  field: string,
  faults: Faults,
): void {
  if (!isObject(given)) return;
  for (const name of required) {
    if (spellings(name, state.language).some((spelling) => member(given, spelling) !== undefined)) continue;
    faults.schema(`The field '${name}' is required but was missing`, `${state.location}/${field}`);
  }
}

function spellings(name: string, language: QueryLanguage): string[] {
  return language === 'JSONata' ? [name] : [name, `${name}.$`];
}
