import { ARN_FAULTS } from '../integrations/states/start-errors.ts';
import {
  type ArnPlace,
  isSamePlace,
  parseArn,
  parseStateMachineResource,
  type StatesArn,
} from '../runtime/execution/arn.ts';
import type { ActivityRecord } from '../store/activity.ts';
import type { ExecutionRecord } from '../store/execution.ts';
import type { StateMachineRecord } from '../store/state-machine.ts';
import type { Store } from '../store/store.ts';
import { type AwsError, awsError, validationError } from './errors.ts';

interface Lookup {
  readonly store: Store;
  readonly place: ArnPlace;
}

/** What the ARN of a state machine, a version or an alias means. */
export interface StateMachineReference {
  readonly name: string;
  readonly version: number | undefined;
  readonly alias: string | undefined;
}

/**
 * Undefined when the ARN means nothing that could be here: another region, another account.
 * @throws AwsError InvalidArn, or ValidationException for a labelled ARN
 */
export function readStateMachineArn(place: ArnPlace, arn: string): StateMachineReference | undefined {
  const parsed = parse(arn, 'stateMachine');
  const { label, ...reference } = parseStateMachineResource(parsed.resource);
  if (label !== undefined) throw labelledArn(arn);
  return isSamePlace(parsed, place) ? reference : undefined;
}

/** True for the ARN of a version or an alias. */
export function isQualified({ version, alias }: StateMachineReference): boolean {
  return version !== undefined || alias !== undefined;
}

/**
 * The name in the ARN of a state machine itself; undefined when it could not be here.
 * @throws AwsError InvalidArn, or ValidationException for a labelled ARN and for that of a version or an alias
 */
export function stateMachineName(place: ArnPlace, arn: string): string | undefined {
  const reference = readStateMachineArn(place, arn);
  if (reference !== undefined && isQualified(reference))
    throw awsError(
      'ValidationException',
      `'${arn}' is the ARN of a version or an alias, not of a state machine`,
    );
  return reference?.name;
}

/**
 * Undefined when the version could not be here.
 * @throws AwsError InvalidArn, or ValidationException for an ARN that is none of a version
 */
export function readVersionArn(
  place: ArnPlace,
  arn: string,
): { readonly name: string; readonly version: number } | undefined {
  const reference = readStateMachineArn(place, arn);
  if (reference === undefined) return undefined;
  const { name, version } = reference;
  if (version === undefined)
    throw awsError('ValidationException', `'${arn}' is not the ARN of a state machine version`);
  return { name, version };
}

/**
 * Undefined when the alias could not be here.
 * @throws AwsError InvalidArn, or ValidationException for an ARN that is none of an alias
 */
export function readAliasArn(
  place: ArnPlace,
  arn: string,
): { readonly name: string; readonly alias: string } | undefined {
  const reference = readStateMachineArn(place, arn);
  if (reference === undefined) return undefined;
  const { name, alias } = reference;
  if (alias === undefined)
    throw awsError('ValidationException', `'${arn}' is not the ARN of a state machine alias`);
  return { name, alias };
}

/** @throws AwsError as {@link stateMachineName} does, and StateMachineDoesNotExist */
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

/**
 * The name in an activity's ARN; undefined when the ARN means none that could be here.
 * @throws AwsError InvalidArn
 */
export function activityName(place: ArnPlace, arn: string): string | undefined {
  const parsed = parse(arn, 'activity');
  return isSamePlace(parsed, place) ? parsed.resource : undefined;
}

/** @throws AwsError InvalidArn, ActivityDoesNotExist */
export async function findActivity({ store, place }: Lookup, arn: string): Promise<ActivityRecord> {
  const name = activityName(place, arn);
  const activity = name === undefined ? undefined : await store.activities.find(place, name);
  if (activity === undefined) throw awsError('ActivityDoesNotExist', arn);
  return activity;
}

/** @throws AwsError InvalidArn */
export function parse(arn: string, resourceType: string): StatesArn {
  const parsed = parseArn(arn);
  if (parsed === undefined) throw invalidPrefix(arn);
  if (parsed.resourceType !== resourceType) throw wrongResourceType(parsed.resourceType);
  return parsed;
}

export function invalidPrefix(arn: string): AwsError {
  return awsError('InvalidArn', ARN_FAULTS.notAnArn(arn));
}

export function wrongResourceType(resourceType: string): AwsError {
  return awsError('InvalidArn', ARN_FAULTS.otherResource(resourceType));
}

export function labelledArn(arn: string): AwsError {
  return validationError(ARN_FAULTS.labelled(arn), 'API_DOES_NOT_SUPPORT_LABELED_ARNS');
}

const ROLE_ARN = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** @throws AwsError InvalidArn */
export function checkRoleArn(arn: string): void {
  if (!ROLE_ARN.test(arn)) throw awsError('InvalidArn', arn, 'Role Arn');
}
