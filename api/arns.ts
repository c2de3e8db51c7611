/** From the ARNs of requests to records. AWS looks at an ARN's form first, then at its type, then for the resource. */
import { type ArnPlace, isSamePlace, parseArn, type StatesArn } from '../runtime/execution/arn.ts';
import type { ExecutionRecord, StateMachineRecord, Store } from '../store/store.ts';
import { type AwsError, awsError, validationError } from './errors.ts';

interface Lookup {
  readonly store: Store;
  readonly place: ArnPlace;
}

/**
 * The name in a state machine's ARN; undefined when the ARN means no machine that could be here (another region, a
 * version, an alias).
 * @throws AwsError InvalidArn, or ValidationException for a labelled ARN
 */
export function stateMachineName(place: ArnPlace, arn: string): string | undefined {
  const parsed = parse(arn, 'stateMachine');
  if (parsed.resource.includes('/')) throw labelledArn(arn);
  return isSamePlace(parsed, place) && !isQualified(parsed.resource) ? parsed.resource : undefined;
}

/** True for the ARN of a version or an alias. */
export function isQualified(stateMachineResource: string): boolean {
  return stateMachineResource.includes(':');
}

/** @throws AwsError InvalidArn, StateMachineDoesNotExist, or ValidationException for a labelled ARN */
export async function findStateMachine({ store, place }: Lookup, arn: string): Promise<StateMachineRecord> {
  const name = stateMachineName(place, arn);
  const machine = name === undefined ? undefined : await store.stateMachines.find(place, name);
  if (machine === undefined) throw awsError('StateMachineDoesNotExist', arn);
  return machine;
}

/** @throws AwsError InvalidArn, ExecutionDoesNotExist */
export async function findExecution({ store, place }: Lookup, arn: string): Promise<ExecutionRecord> {
  const parsed = parse(arn, 'execution');
  const separator = parsed.resource.indexOf(':');
  const found =
    separator > 0 && isSamePlace(parsed, place)
      ? await store.executions.find(
          place,
          parsed.resource.slice(0, separator),
          parsed.resource.slice(separator + 1),
        )
      : undefined;
  if (found === undefined) throw awsError('ExecutionDoesNotExist', arn);
  return found;
}

/** @throws AwsError InvalidArn */
export function parse(arn: string, resourceType: string): StatesArn {
  const parsed = parseArn(arn);
  if (parsed === undefined) throw invalidPrefix(arn);
  if (parsed.resourceType !== resourceType) throw wrongResourceType(parsed.resourceType);
  return parsed;
}

export function invalidPrefix(arn: string): AwsError {
  return awsError('InvalidArn', `Invalid ARN prefix: ${arn}`);
}

export function wrongResourceType(resourceType: string): AwsError {
  return awsError('InvalidArn', `Resource type not valid in this context: ${resourceType}`);
}

export function labelledArn(arn: string): AwsError {
  return validationError(
    `This operation does not support labelled state machine ARNs: '${arn}'`,
    'API_DOES_NOT_SUPPORT_LABELED_ARNS',
  );
}

const ROLE_ARN = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** @throws AwsError InvalidArn */
export function checkRoleArn(arn: string): void {
  if (!ROLE_ARN.test(arn)) throw awsError('InvalidArn', arn, 'Role Arn');
}
