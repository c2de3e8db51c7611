import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { findExecution } from '../arns.ts';
import { showRevision } from '../shown-revision.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * The machine as the execution runs it, whatever has become of it since.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html
 */
export const describeStateMachineForExecution: Operation<'DescribeStateMachineForExecution'> = async (
  { executionArn, includedData },
  context,
) => {
  const { revisionRowId } = await findExecution(context, executionArn);
  const revision = await context.store.stateMachines.revision(revisionRowId);
  if (revision === undefined) throw new Error(`Revision ${revisionRowId} of an execution is missing`);
  const { stateMachineName: name } = revision;
  return {
    stateMachineArn: stateMachineArn(context.place, name),
    name,
    updateDate: toTimestamp(revision.createdAt),
    ...(await showRevision(revision, includedData, context)),
  };
};
