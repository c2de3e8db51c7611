import { readVersionArn } from '../arns.ts';
import { awsError } from '../errors.ts';
import type { Operation } from './operation.ts';

/**
 * Executions that were started through it go on. Deleting what is not there is no error.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineVersion.html
 */
export const deleteStateMachineVersion: Operation<'DeleteStateMachineVersion'> = async (
  { stateMachineVersionArn: arn },
  { store, place },
) => {
  const reference = readVersionArn(place, arn);
  if (reference === undefined) return {};
  const { aliases } = await store.versions.delete(place, reference.name, reference.version);
  if (aliases.length > 0)
    throw awsError(
      'ConflictException',
      `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${aliases.join(', ')}]`,
    );
  return {};
};
