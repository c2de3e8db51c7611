import { findTagged, notTaggable, readTags, TAGS_MAX, tooManyTags } from '../tags.ts';
import type { Operation } from './operation.ts';

/**
 * The reserved tags of a state machine (docs/configuration.md) hold for executions that start from then on.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html
 */
export const tagResource: Operation<'TagResource'> = async ({ resourceArn, tags }, context) => {
  const { resource } = await findTagged(context, resourceArn);
  const ceilings = resource.type === 'stateMachine' ? context.ceilings : undefined;
  const outcome = await context.store.tags.add(resource, readTags(tags, ceilings, resourceArn), TAGS_MAX);
  if (outcome === 'tooMany') throw tooManyTags(resourceArn);
  if (outcome === 'gone') throw notTaggable(resourceArn);
  return {};
};
