import { findTagged, notTaggable, readTags, TAGS_MAX, tooManyTags } from '../tags.ts';
import type { Operation } from './operation.ts';

/**
 * The limits that reserved tags give a state machine (docs/configuration.md) hold for executions that start from then
 * on; a cap on its concurrency holds at once.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html
 */
export const tagResource: Operation<'TagResource'> = async ({ resourceArn, tags }, context) => {
  const { resource, machineType: type } = await findTagged(context, resourceArn);
  const machine = type && { type, ceilings: context.ceilings };
  const outcome = await context.store.tags.add(resource, readTags(tags, machine, resourceArn), TAGS_MAX);
  if (outcome === 'tooMany') throw tooManyTags(resourceArn);
  if (outcome === 'gone') throw notTaggable(resourceArn);
  return {};
};
