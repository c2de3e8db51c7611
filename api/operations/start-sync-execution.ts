import type { ExpressOutcome } from '../../express/express-execution.ts';
import { newExpressExecution } from '../../integrations/states/execution-start.ts';
import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { States } from '../../runtime/failures/failure.ts';
import { awsError } from '../errors.ts';
import type { Output } from '../model/shapes.ts';
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
  if (outcome.status === 'ABORTED') throw awsError('RequestTimeoutException');
  return {
    executionArn: arn,
    stateMachineArn: stateMachineArn(place, target.stateMachineName),
    name: request.name,
    startDate: toTimestamp(outcome.startedAt),
    stopDate: toTimestamp(outcome.stoppedAt),
    status: outcome.status,
    ...result(outcome),
    input: request.input,
    inputDetails: { included: true },
    outputDetails: { included: true },
    traceHeader: request.traceHeader,
    billingDetails: bill(outcome, request.input),
  };
};

function result({
  status,
  output,
  failure,
}: ExpressOutcome): Pick<Output<'StartSyncExecution'>, 'output' | 'error' | 'cause'> {
  if (status === 'TIMED_OUT') return { error: States.Timeout };
  return { output, error: failure?.error, cause: failure?.cause };
}

const MEMORY_STEP_MB = 64;
const DURATION_STEP_MS = 100;

/**
 * Nobody is billed here; the figures are in AWS's steps.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_BillingDetails.html
 */
function bill({ startedAt, stoppedAt, output = '' }: ExpressOutcome, input: string) {
  const megabytes = (input.length + output.length) / 2 ** 20;
  return {
    billedMemoryUsedInMB: inSteps(megabytes, MEMORY_STEP_MB),
    billedDurationInMilliseconds: inSteps(stoppedAt - startedAt, DURATION_STEP_MS),
  };
}

/** At least one step. */
function inSteps(amount: number, step: number): number {
  return Math.max(1, Math.ceil(amount / step)) * step;
}
