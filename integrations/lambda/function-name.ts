import type { ArnPlace } from '../../runtime/execution/arn.ts';
import type { Failure } from '../../runtime/failures/failure.ts';
import { serviceFailure } from './invocation-failure.ts';

/** A function as a Task names it. */
export interface FunctionReference {
  readonly name: string;
  /** A version or an alias. */
  readonly qualifier: string | undefined;
  /** Without a qualifier; the caller's own account and region where the given name leaves them out. */
  readonly arn: string;
  /** Whether it is in the caller's own account and region. */
  readonly isLocal: boolean;
}

/** Partition, region and account may each be missing; an account stands before `function:` or the name. */
const REFERENCE =
  /^(?:(?:arn:(aws[\w-]*):lambda:([a-z0-9-]*):)?(\d*):function:|(\d{12}):(?:function:)?|function:)?([\w.-]{1,140})(?::(\$LATEST|[\w.-]{1,128}))?$/;

/**
 * Takes apart what Lambda accepts as FunctionName: a name, an ARN, or part of one, each with a qualifier or not.
 * @returns undefined when it is none of these
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function parseFunctionName(text: string, place: ArnPlace): FunctionReference | undefined {
  const match = REFERENCE.exec(text);
  if (match === null) return undefined;
  const [, givenPartition, givenRegion, arnAccount, givenAccount, name = '', qualifier] = match;
  const partition = givenPartition || place.partition;
  const region = givenRegion || place.region;
  const account = arnAccount || givenAccount || place.accountId;
  return {
    name,
    qualifier,
    arn: `arn:${partition}:lambda:${region}:${account}:function:${name}`,
    isLocal: partition === place.partition && region === place.region && account === place.accountId,
  };
}

const FUNCTION_NAME_PATTERN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?';

/** What Lambda answers to a FunctionName that is none. */
export function invalidFunctionName(name: string): Failure {
  return serviceFailure({
    status: 400,
    code: 'ValidationException',
    message: `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${FUNCTION_NAME_PATTERN}`,
    requestId: undefined,
  });
}
