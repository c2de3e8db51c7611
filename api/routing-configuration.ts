/** What aliases route to, as requests give it and answers show it. */
import {
  type ArnPlace,
  isSamePlace,
  parseArn,
  parseStateMachineResource,
  qualifiedArn,
} from '../runtime/execution/arn.ts';
import type { AliasRoute } from '../store/versioning.ts';
import { type AwsError, awsError, validationError } from './errors.ts';
import type { Value } from './model/shapes.ts';

type RoutingConfiguration = Value<'RoutingConfigurationList'>;

export interface Routing {
  readonly stateMachineName: string;
  readonly routes: readonly AliasRoute[];
}

const PERCENT = 100;

/**
 * Size and weights of the list have been held against the service model already.
 * @throws AwsError ValidationException; ResourceNotFound for versions that could not be here
 */
export function readRouting(place: ArnPlace, given: RoutingConfiguration): Routing {
  const arns = given.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const versions = arns.map(readVersion);
  if (!versions.every((version) => version !== undefined))
    throw invalid(`must contain state machine version ARNs. Received: ${shown(arns)}`);
  if (new Set(arns).size < arns.length)
    throw invalid(`must contain distinct state machine version ARNs. Received: ${shown(arns)}`);
  const weights = given.map(({ weight }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== PERCENT)
    throw validationError(
      `Sum of routing configuration weights must equal ${PERCENT}. Received: ${shown(weights)}`,
      'INVALID_ROUTING_CONFIGURATION',
    );
  const stateMachineName = versions[0]?.name ?? '';
  if (versions.some(({ name }) => name !== stateMachineName))
    throw invalid(`must contain versions of one state machine. Received: ${shown(arns)}`);
  if (!versions.every((version) => isSamePlace(version.place, place))) throw awsError('ResourceNotFound');
  return {
    stateMachineName,
    routes: versions.map(({ number }, index) => ({ version: number, weight: weights[index] ?? 0 })),
  };
}

function readVersion(arn: string): { place: ArnPlace; name: string; number: number } | undefined {
  const parsed = parseArn(arn);
  if (parsed?.resourceType !== 'stateMachine') return undefined;
  const { name, label, version } = parseStateMachineResource(parsed.resource);
  return label !== undefined || version === undefined ? undefined : { place: parsed, name, number: version };
}

function invalid(problem: string): AwsError {
  return validationError(`Routing configuration ${problem}`, 'INVALID_ROUTING_CONFIGURATION');
}

/** As Java shows a list. */
function shown(values: readonly (string | number)[]): string {
  return `[${values.join(', ')}]`;
}

export function showRouting(
  place: ArnPlace,
  stateMachineName: string,
  routes: readonly AliasRoute[],
): RoutingConfiguration {
  return routes.map(({ version, weight }) => ({
    stateMachineVersionArn: qualifiedArn(place, stateMachineName, version),
    weight,
  }));
}
