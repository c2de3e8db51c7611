import { syncResult } from '../../express/sync-result.ts';
import { newExpressExecution } from '../../integrations/states/execution-start.ts';
import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { awsError } from '../errors.ts';
import { readStart } from '../start-request.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * Runs an Express execution in this process and answers with its result: at most once, and not beyond five minutes.
 * An execution that fails is an answer like any other.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
 */
export const startSyncExecution: Operation<'StartSyncExecution'> = async (input, context, waitForNews) => {
  const { place, machines, syncExecutions } = context;
  const { target, request } = await readStart('StartSyncExecution', input, context);
  if (target.type !== 'EXPRESS') throw awsError('StateMachineTypeNotSupported');
  const { arn, started } = newExpressExecution(target, request, place);
  const revision = await machines.get(target.revisionRowId);
  const outcome = await waitForNews((gone) => syncExecutions.run({ revision, started }, gone));
  if (outcome === undefined) throw awsError('ThrottlingException');
  const result = syncResult(outcome, request.input);
  if (result === undefined) throw awsError('RequestTimeoutException');
  return {
    executionArn: arn,
    stateMachineArn: stateMachineArn(place, target.stateMachineName),
    name: request.name,
    startDate: toTimestamp(outcome.startedAt),
    stopDate: toTimestamp(outcome.stoppedAt),
    ...result,
    input: request.input,
    inputDetails: { included: true },
    outputDetails: { included: true },
    traceHeader: request.traceHeader,
  };
};
