import { readAliasArn } from '../arns.ts';
import type { Operation } from './operation.ts';

/**
 * Executions that were started through it go on. Deleting what is not there is no error.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineAlias.html
 */
export const deleteStateMachineAlias: Operation<'DeleteStateMachineAlias'> = async (
  { stateMachineAliasArn },
  { store, place },
) => {
  const reference = readAliasArn(place, stateMachineAliasArn);
  if (reference !== undefined) await store.aliases.delete(place, reference.name, reference.alias);
  return {};
};
