import { findTagged } from '../tags.ts';
import type { Operation } from './operation.ts';

/**
 * Keys that are not there are no error.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_UntagResource.html
 */
export const untagResource: Operation<'UntagResource'> = async ({ resourceArn, tagKeys }, context) => {
  const { resource } = await findTagged(context, resourceArn);
  await context.store.tags.remove(resource, tagKeys);
  return {};
};
