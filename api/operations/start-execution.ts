import { newExecution } from '../../integrations/states/execution-start.ts';
import { executionArn } from '../../runtime/execution/arn.ts';
import type { NewExecution, StartOutcome } from '../../store/store.ts';
import { awsError } from '../errors.ts';
import { readStart } from '../start-request.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * Idempotent by name: a start with the name and the input of a running execution is answered as that start was.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const startExecution: Operation<'StartExecution'> = async (input, context) => {
  const { target, request } = await readStart('StartExecution', input, context);
  if (target.type === 'EXPRESS')
    throw awsError('UnsupportedOperationException', 'executions of EXPRESS state machines');
  const { store, place } = context;
  await context.quotas?.admitExecution(place);
  const execution = newExecution(target, request, place);
  const outcome = await store.executions.start(execution);
  const arn = executionArn(place, target.stateMachineName, request.name);
  return answer(outcome, execution, { machineArn: input.stateMachineArn, arn });
};

function answer(
  outcome: StartOutcome,
  execution: NewExecution,
  { machineArn, arn }: { machineArn: string; arn: string },
) {
  switch (outcome.kind) {
    case 'started':
      return { executionArn: arn, startDate: toTimestamp(execution.startedAt) };
    case 'exists':
      if (outcome.status !== 'RUNNING' || !outcome.sameInput) throw awsError('ExecutionAlreadyExists', arn);
      return { executionArn: arn, startDate: toTimestamp(outcome.startedAt) };
    case 'deleting':
      throw awsError('StateMachineDeleting', machineArn);
  }
}
