import { activityArn } from '../../runtime/execution/arn.ts';
import { readPage } from '../pages.ts';
import { type Operation, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListActivities.html */
export const listActivities: Operation<'ListActivities'> = async (input, { store, place, pageTokens }) => {
  const { items, nextToken } = await readPage({
    operation: 'ListActivities',
    input,
    pageTokens,
    read: (limit, after: string | undefined) => store.activities.list({ place, limit, after }),
    positionOf: ({ id }) => id,
  });
  const activities = items.map(({ name, createdAt }) => ({
    activityArn: activityArn(place, name),
    name,
    creationDate: toTimestamp(createdAt),
  }));
  return { activities, nextToken };
};
