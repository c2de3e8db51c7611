import { activityName } from '../arns.ts';
import type { Operation } from './operation.ts';

/**
 * Deleting what is not there is no error. Tasks that wait for a worker of the activity wait on, until they time out.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteActivity.html
 */
export const deleteActivity: Operation<'DeleteActivity'> = async ({ activityArn }, { store, place }) => {
  const name = activityName(place, activityArn);
  if (name !== undefined) await store.activities.delete(place, name);
  return {};
};
