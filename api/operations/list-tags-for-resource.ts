import { findTagged } from '../tags.ts';
import type { Operation } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListTagsForResource.html */
export const listTagsForResource: Operation<'ListTagsForResource'> = async ({ resourceArn }, context) => {
  const { tags } = await findTagged(context, resourceArn);
  return { tags };
};
