import { findActivity } from '../arns.ts';
import type { Value } from '../model/shapes.ts';
import { type Operation, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeActivity.html */
export const describeActivity: Operation<'DescribeActivity'> = async ({ activityArn }, context) => {
  const { name, createdAt, encryptionConfiguration } = await findActivity(context, activityArn);
  return {
    activityArn,
    name,
    creationDate: toTimestamp(createdAt),
    encryptionConfiguration: encryptionConfiguration as Value<'EncryptionConfiguration'>,
  };
};
