import { encodeEvents, redrivenEvent } from '../../runtime/index.ts';
import { findExecution } from '../arns.ts';
import { awsError } from '../errors.ts';
import { REDRIVE_STATUS_REASONS } from '../redrive-status.ts';
import { type Operation, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html */
export const redriveExecution: Operation<'RedriveExecution'> = async (
  { executionArn, clientToken },
  context,
) => {
  const { id, revisionRowId } = await findExecution(context, executionArn);
  const { timeoutSeconds } = await context.startPoints.of(revisionRowId);
  const outcome = await context.store.executions.redrive(id, {
    clientToken,
    body: (event) => encodeEvents([redrivenEvent({ ...event, timeoutSeconds })]),
  });
  if (outcome.kind === 'gone') throw awsError('ExecutionDoesNotExist', executionArn);
  if (outcome.kind === 'refused')
    throw awsError('ExecutionNotRedrivable', executionArn, REDRIVE_STATUS_REASONS[outcome.refusal]);
  return { redriveDate: toTimestamp(outcome.redrivenAt) };
};
