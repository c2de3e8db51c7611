/**
 * Tags as requests give them, and what has them.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-tagging.html
 */
import { parseArn } from '../runtime/execution/arn.ts';
import type { MachineType } from '../runtime/index.ts';
import type { Tag, TaggedResource } from '../store/tag.ts';
import { activityName, isQualified, readStateMachineArn } from './arns.ts';
import { AwsError, awsError, ERRORS } from './errors.ts';
import { checkReservedTag, type TaggedMachine } from './execution-limits.ts';
import type { Value } from './model/shapes.ts';
import type { OperationContext } from './operations/operation.ts';

/** Of one resource: AWS's quota. */
export const TAGS_MAX = 50;
const ALLOWED = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;

/**
 * Of a key that is there more than once, the last value counts.
 * @param machine that they are for; undefined: they are for something else
 * @throws AwsError TooManyTags, ValidationException
 */
export function readTags(
  given: Value<'TagList'> | undefined,
  machine: TaggedMachine | undefined,
  arn: string,
): Tag[] {
  const tags = (given ?? []).map(({ key, value = '' }, index): Tag => {
    if (key === undefined)
      throw awsError(
        'ValidationException',
        `1 validation error detected: Value null at 'tags.${index + 1}.member.key' failed to satisfy constraint: Member must not be null`,
      );
    return { key, value };
  });
  for (const tag of tags) checkTag(tag, machine);
  const values = new Map(tags.map(({ key, value }) => [key, value]));
  if (values.size > TAGS_MAX) throw tooManyTags(arn);
  return [...values].map(([key, value]) => ({ key, value }));
}

function checkTag(tag: Tag, machine: TaggedMachine | undefined): void {
  const { key, value } = tag;
  if (/^aws:/i.test(key))
    throw awsError('ValidationException', `Invalid tag key '${key}': the prefix 'aws:' is reserved`);
  for (const [what, text] of Object.entries({ key, value }))
    if (!ALLOWED.test(text))
      throw awsError(
        'ValidationException',
        `Invalid tag ${what} '${text}': expected letters, digits, spaces and the characters _ . : / = + - @`,
      );
  checkReservedTag(tag, machine);
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

/** What has tags. */
interface Tagged {
  readonly resource: TaggedResource;
  /** By key. */
  readonly tags: readonly Tag[];
  /** Undefined: it is no state machine. */
  readonly machineType: MachineType | undefined;
}

/**
 * The state machine or activity that an ARN means. Versions and aliases have no tags.
 * @throws AwsError InvalidArn, ResourceNotFound
 */
export async function findTagged(context: OperationContext, arn: string): Promise<Tagged> {
  const type = parseArn(arn)?.resourceType === 'activity' ? 'activity' : 'stateMachine';
  const found = await FIND[type](context, arn);
  if (found === undefined) throw notTaggable(arn);
  return { resource: { type, id: found.id }, tags: found.tags, machineType: found.type };
}

type Find = (
  context: OperationContext,
  arn: string,
) => Promise<(Pick<Tagged, 'tags'> & { id: string; type?: MachineType }) | undefined>;

const FIND: Readonly<Record<TaggedResource['type'], Find>> = {
  stateMachine: async ({ store, place }, arn) => {
    const reference = readStateMachineArn(place, arn);
    if (reference === undefined || isQualified(reference)) return undefined;
    return store.stateMachines.find(place, reference.name);
  },
  activity: async ({ store, place }, arn) => {
    const name = activityName(place, arn);
    return name === undefined ? undefined : store.activities.find(place, name);
  },
};
