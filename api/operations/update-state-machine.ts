import { checkRoleArn, findStateMachine } from '../arns.ts';
import { checkDefinition } from '../definitions.ts';
import { awsError } from '../errors.ts';
import { checkLogGroups, readEncryption, readLogging, readTracing } from '../machine-settings.ts';
import type { Input } from '../model/shapes.ts';
import { publishedArn, publishing, readPublication } from '../publication.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * Running executions keep the definition and the role that they were started with.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
 */
export const updateStateMachine: Operation<'UpdateStateMachine'> = async (input, context) => {
  const { stateMachineArn: arn, definition, roleArn } = input;
  const current = await findStateMachine(context, arn);
  if (current.status === 'DELETING') throw awsError('StateMachineDeleting', arn);
  const publication = readPublication(input);
  const change = readChange(input);
  if (Object.keys(change).length === 0)
    throw awsError(
      'MissingRequiredParameter',
      'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    );
  if (roleArn !== undefined) checkRoleArn(roleArn);
  if (definition !== undefined) checkDefinition(definition, current.type, context.integrations);
  const { store, place, logGroups } = context;
  await checkLogGroups(change.loggingConfiguration ?? {}, logGroups);
  const updated = await publishing(store.stateMachines.update(place, current.name, change, publication));
  if (updated === undefined) throw awsError('StateMachineDoesNotExist', arn);
  if (updated.status === 'DELETING') throw awsError('StateMachineDeleting', arn);
  return {
    updateDate: toTimestamp(updated.updatedAt),
    revisionId: updated.revisionId,
    stateMachineVersionArn: publishedArn(place, current.name, updated.publishedVersion),
  };
};

function readChange(input: Input<'UpdateStateMachine'>) {
  const { definition, roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration } = input;
  return {
    ...(definition !== undefined && { definition }),
    ...(roleArn !== undefined && { roleArn }),
    ...(loggingConfiguration && { loggingConfiguration: readLogging(loggingConfiguration) }),
    ...(tracingConfiguration && { tracingConfiguration: readTracing(tracingConfiguration) }),
    ...(encryptionConfiguration && { encryptionConfiguration: readEncryption(encryptionConfiguration) }),
  };
}
