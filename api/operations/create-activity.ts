import { isDeepStrictEqual } from 'node:util';
import { activityArn } from '../../runtime/execution/arn.ts';
import { awsError } from '../errors.ts';
import { readEncryption } from '../machine-settings.ts';
import { checkName } from '../names.ts';
import { readTags } from '../tags.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * Idempotent by name; the tags take no part in that comparison.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateActivity.html
 */
export const createActivity: Operation<'CreateActivity'> = async (input, { store, place, quotas }) => {
  const { name } = input;
  checkName(name);
  const encryptionConfiguration = readEncryption(input.encryptionConfiguration);
  const arn = activityArn(place, name);
  const tags = readTags(input.tags, undefined, arn);
  await quotas?.admitActivity(place);
  const { activity } = await store.activities.create({ place, name, encryptionConfiguration, tags });
  if (!isDeepStrictEqual(activity.encryptionConfiguration, encryptionConfiguration))
    throw awsError('ActivityAlreadyExists', arn);
  return { activityArn: arn, creationDate: toTimestamp(activity.createdAt) };
};
