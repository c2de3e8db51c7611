import { stateMachineName } from '../arns.ts';
import type { Operation } from './operation.ts';

/**
 * Its versions and aliases go with it. Deleting what is not there is no error.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
 */
export const deleteStateMachine: Operation<'DeleteStateMachine'> = async (
  { stateMachineArn: arn },
  context,
) => {
  const name = stateMachineName(context.place, arn);
  if (name !== undefined) await context.store.stateMachines.delete(context.place, name);
  return {};
};
