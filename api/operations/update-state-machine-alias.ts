import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { readAliasArn } from '../arns.ts';
import { awsError, validationError } from '../errors.ts';
import { readRouting } from '../routing-configuration.ts';
import { type Operation, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachineAlias.html */
export const updateStateMachineAlias: Operation<'UpdateStateMachineAlias'> = async (
  { stateMachineAliasArn: arn, description, routingConfiguration },
  { store, place },
) => {
  const reference = readAliasArn(place, arn);
  if (description === undefined && routingConfiguration === undefined)
    throw validationError(
      "Either 'description' or 'routingConfiguration' must be specified",
      'MISSING_REQUIRED_PARAMETER',
    );
  const routing = routingConfiguration && readRouting(place, routingConfiguration);
  if (reference === undefined) throw awsError('ResourceNotFound');
  const { name: stateMachineName, alias } = reference;
  if (routing !== undefined && routing.stateMachineName !== stateMachineName)
    throw validationError(
      `Routing configuration must contain versions of the state machine of the alias. Received: versions of ${routing.stateMachineName}`,
      'INVALID_ROUTING_CONFIGURATION',
    );
  const outcome = await store.aliases.update(place, stateMachineName, {
    name: alias,
    description,
    routes: routing?.routes,
  });
  if (outcome === 'missing') throw awsError('ResourceNotFound');
  if (outcome === 'deleting')
    throw awsError('StateMachineDeleting', stateMachineArn(place, stateMachineName));
  return { updateDate: toTimestamp(outcome.updatedAt) };
};
