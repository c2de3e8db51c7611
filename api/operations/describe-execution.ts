import { type ArnPlace, executionArn, qualifiedArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import type { ExecutionRecord, ExecutionSummary } from '../../store/execution.ts';
import { findExecution } from '../arns.ts';
import { isCustomerManaged } from '../machine-settings.ts';
import type { Output } from '../model/shapes.ts';
import { redriveStatus } from '../redrive-status.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * Metadata alone are shown of what a customer's own key would encrypt, if no more is asked for.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
 */
export const describeExecution: Operation<'DescribeExecution'> = async (input, context) => {
  const execution = await findExecution(context, input.executionArn);
  const shown = showExecution(context.place, execution);
  if (input.includedData !== 'METADATA_ONLY') return shown;
  const revision = await context.store.stateMachines.revision(execution.revisionRowId);
  return revision && isCustomerManaged(revision) ? withoutData(shown) : shown;
};

function withoutData(shown: Output<'DescribeExecution'>): Output<'DescribeExecution'> {
  const { input: _input, output, error: _error, cause: _cause, ...metadata } = shown;
  const details = { included: false };
  return { ...metadata, inputDetails: details, ...(output !== undefined && { outputDetails: details }) };
}

/** The answer of DescribeExecution for a record. */
export function showExecution(place: ArnPlace, execution: ExecutionRecord): Output<'DescribeExecution'> {
  const { stateMachineName, name, status, stoppedAt, redrivenAt, output } = execution;
  return {
    executionArn: executionArn(place, stateMachineName, name),
    stateMachineArn: stateMachineArn(place, stateMachineName),
    ...startedThrough(place, execution),
    name,
    status,
    startDate: toTimestamp(execution.startedAt),
    stopDate: stoppedAt === undefined ? undefined : toTimestamp(stoppedAt),
    input: execution.input,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    error: execution.error,
    cause: execution.cause,
    traceHeader: execution.traceHeader,
    redriveCount: execution.redriveCount,
    redriveDate: redrivenAt === undefined ? undefined : toTimestamp(redrivenAt),
    ...redriveStatus(execution.redriveRefusal),
  };
}

/** The version that an execution runs and the alias that chose it, if it was started through them. */
export function startedThrough(
  place: ArnPlace,
  { stateMachineName, version, alias }: ExecutionSummary,
): Pick<Output<'DescribeExecution'>, 'stateMachineVersionArn' | 'stateMachineAliasArn'> {
  return {
    ...(version !== undefined && { stateMachineVersionArn: qualifiedArn(place, stateMachineName, version) }),
    ...(alias !== undefined && { stateMachineAliasArn: qualifiedArn(place, stateMachineName, alias) }),
  };
}
