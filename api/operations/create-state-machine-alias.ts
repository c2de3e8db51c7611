import { qualifiedArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import { ALIASES_MAX } from '../../store/versioning.ts';
import { awsError } from '../errors.ts';
import { readRouting } from '../routing-configuration.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * The state machine is the one whose versions it routes to. The same alias again is answered as if it had just been
 * made.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachineAlias.html
 */
export const createStateMachineAlias: Operation<'CreateStateMachineAlias'> = async (
  { name, description, routingConfiguration },
  { store, place },
) => {
  const { stateMachineName, routes } = readRouting(place, routingConfiguration);
  const outcome = await store.aliases.create(place, stateMachineName, { name, description, routes });
  switch (outcome.kind) {
    case 'done':
      return {
        stateMachineAliasArn: qualifiedArn(place, stateMachineName, name),
        creationDate: toTimestamp(outcome.alias.createdAt),
      };
    case 'conflict':
      throw awsError(
        'ConflictException',
        'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
      );
    case 'tooMany':
      throw awsError(
        'ServiceQuotaExceededException',
        `A state machine can have at most ${ALIASES_MAX} aliases`,
      );
    case 'missing':
      throw awsError('ResourceNotFound');
    case 'deleting':
      throw awsError('StateMachineDeleting', stateMachineArn(place, stateMachineName));
  }
};
