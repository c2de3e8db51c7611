import { qualifiedArn } from '../../runtime/execution/arn.ts';
import { readStateMachineArn } from '../arns.ts';
import { awsError } from '../errors.ts';
import { readPage } from '../pages.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * Those of a state machine, or those that route to a version of it; by name, as recordings of AWS show them.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineAliases.html
 */
export const listStateMachineAliases: Operation<'ListStateMachineAliases'> = async (input, context) => {
  const { store, place, pageTokens } = context;
  const { stateMachineArn: arn } = input;
  const reference = readStateMachineArn(place, arn);
  if (reference?.alias !== undefined)
    throw awsError('ValidationException', `'${arn}' is the ARN of an alias, not of a state machine`);
  const version = reference?.version;
  const machine = reference && (await store.stateMachines.startRecord(place, reference.name, { version }));
  if (reference === undefined || machine === undefined)
    throw version === undefined ? awsError('StateMachineDoesNotExist', arn) : awsError('ResourceNotFound');
  if (machine.status === 'DELETING') throw awsError('StateMachineDeleting', arn);
  const { items, nextToken } = await readPage({
    operation: 'ListStateMachineAliases',
    input,
    pageTokens,
    read: (limit, after: string | undefined) =>
      store.aliases.list({ stateMachineId: machine.stateMachineId, version, limit, after }),
    positionOf: ({ name }) => name,
  });
  const stateMachineAliases = items.map(({ name, createdAt }) => ({
    stateMachineAliasArn: qualifiedArn(place, reference.name, name),
    creationDate: toTimestamp(createdAt),
  }));
  return { stateMachineAliases, nextToken };
};
