/**
 * Tags as requests give them, and what has them.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-tagging.html
 */
import { parseArn } from '../runtime/execution/arn.ts';
import type { ExecutionLimits } from '../runtime/index.ts';
import type { StateMachineRecord, Tag, TaggedResource } from '../store/store.ts';
import { isQualified, readStateMachineArn } from './arns.ts';
import { AwsError, awsError, ERRORS } from './errors.ts';
import { checkReservedTag } from './execution-limits.ts';
import type { Value } from './model/shapes.ts';
import type { OperationContext } from './operations/operation.ts';

/** Of one resource: AWS's quota. */
export const TAGS_MAX = 50;
const ALLOWED = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;

/**
 * Of a key that is there more than once, the last value counts.
 * @throws AwsError TooManyTags, ValidationException
 */
export function readTags(given: Value<'TagList'> | undefined, ceilings: ExecutionLimits, arn: string): Tag[] {
  const tags = (given ?? []).map(({ key, value = '' }, index): Tag => {
    if (key === undefined)
      throw awsError(
        'ValidationException',
        `1 validation error detected: Value null at 'tags.${index + 1}.member.key' failed to satisfy constraint: Member must not be null`,
      );
    return { key, value };
  });
  for (const tag of tags) checkTag(tag, ceilings);
  const values = new Map(tags.map(({ key, value }) => [key, value]));
  if (values.size > TAGS_MAX) throw tooManyTags(arn);
  return [...values].map(([key, value]) => ({ key, value }));
}

function checkTag(tag: Tag, ceilings: ExecutionLimits): void {
  const { key, value } = tag;
  if (/^aws:/i.test(key))
    throw awsError('ValidationException', `Invalid tag key '${key}': the prefix 'aws:' is reserved`);
  for (const [what, text] of Object.entries({ key, value }))
    if (!ALLOWED.test(text))
      throw awsError(
        'ValidationException',
        `Invalid tag ${what} '${text}': expected letters, digits, spaces and the characters _ . : / = + - @`,
      );
  checkReservedTag(tag, ceilings);
}

/** @param arn of the resource that would have too many */
export function tooManyTags(arn: string): AwsError {
  const message = ERRORS.TooManyTags.message(
    "You've exceeded the number of tags allowed for a resource. See the Limits Topic in the AWS Step Functions Developer Guide.",
  );
  return new AwsError('TooManyTags', message, { resourceName: arn });
}

/** @param arn that means nothing that has tags */
export function notTaggable(arn: string): AwsError {
  return new AwsError('ResourceNotFound', ERRORS.ResourceNotFound.message(arn), { resourceName: arn });
}

/**
 * The state machine that an ARN means. Versions and aliases have no tags; activities will.
 * @throws AwsError InvalidArn, ResourceNotFound
 */
export async function findTagged(
  { store, place }: OperationContext,
  arn: string,
): Promise<StateMachineRecord> {
  const isActivity = parseArn(arn)?.resourceType === 'activity';
  const reference = isActivity ? undefined : readStateMachineArn(place, arn);
  const machine =
    reference === undefined || isQualified(reference)
      ? undefined
      : await store.stateMachines.find(place, reference.name);
  if (machine === undefined) throw notTaggable(arn);
  return machine;
}

export function resourceOf({ id }: StateMachineRecord): TaggedResource {
  return { type: 'stateMachine', id };
}
