import { qualifiedArn } from '../../runtime/execution/arn.ts';
import { stateMachineName } from '../arns.ts';
import { awsError } from '../errors.ts';
import { publishing } from '../publication.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * A revision that is published already is answered as it was.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html
 */
export const publishStateMachineVersion: Operation<'PublishStateMachineVersion'> = async (
  { stateMachineArn: arn, revisionId, description },
  { store, place },
) => {
  const name = stateMachineName(place, arn);
  if (name === undefined) throw awsError('StateMachineDoesNotExist', arn);
  const outcome = await publishing(store.versions.publish(place, name, { revisionId, description }));
  switch (outcome.kind) {
    case 'published':
      return {
        creationDate: toTimestamp(outcome.version.createdAt),
        stateMachineVersionArn: qualifiedArn(place, name, outcome.version.number),
      };
    case 'otherRevision':
      throw awsError(
        'ConflictException',
        `Failed to publish the State Machine version for revision ${revisionId}. The current State Machine revision is ${outcome.current}.`,
      );
    case 'deleting':
      throw awsError('StateMachineDeleting', arn);
    case 'gone':
      throw awsError('StateMachineDoesNotExist', arn);
  }
};
