import { isQualified, parse, stateMachineName } from '../arns.ts';
import { awsError } from '../errors.ts';
import type { Operation } from './operation.ts';

/**
 * Deleting what is not there is no error.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
 */
export const deleteStateMachine: Operation<'DeleteStateMachine'> = async (
  { stateMachineArn: arn },
  context,
) => {
  const name = stateMachineName(context.place, arn);
  if (isQualified(parse(arn, 'stateMachine').resource))
    throw awsError(
      'ValidationException',
      `'${arn}' is the ARN of a version or an alias, not of a state machine`,
    );
  if (name !== undefined) await context.store.stateMachines.delete(context.place, name);
  return {};
};
