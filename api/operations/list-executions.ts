import { type ArnPlace, executionArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import type { ExecutionSummary, ListExecutions } from '../../store/execution.ts';
import { readStateMachineArn } from '../arns.ts';
import { awsError, validationError } from '../errors.ts';
import { findMapRun } from '../map-runs.ts';
import type { Input, Output } from '../model/shapes.ts';
import { readPage } from '../pages.ts';
import { startedThrough } from './describe-execution.ts';
import { type Operation, type OperationContext, toTimestamp } from './operation.ts';

/**
 * Those of a state machine, or those that were started through one of its versions or aliases.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
 */
export const listExecutions: Operation<'ListExecutions'> = async (input, context) => {
  const { stateMachineArn, mapRunArn } = input;
  if (stateMachineArn !== undefined && mapRunArn !== undefined)
    throw awsError('ValidationException', "Only one of 'stateMachineArn' and 'mapRunArn' can be specified");
  if (stateMachineArn !== undefined) return listOfMachine(stateMachineArn, input, context);
  if (mapRunArn === undefined)
    throw validationError(
      "One of 'stateMachineArn' and 'mapRunArn' must be specified",
      'MISSING_REQUIRED_PARAMETER',
    );
  // Map Runs have no executions yet; whether there is such a Map Run is known.
  await findMapRun(context, mapRunArn);
  return { executions: [] };
};

async function listOfMachine(
  arn: string,
  input: Input<'ListExecutions'>,
  { store, place, pageTokens }: OperationContext,
): Promise<Output<'ListExecutions'>> {
  const { statusFilter: status, redriveFilter } = input;
  if (status === 'PENDING_REDRIVE')
    throw awsError(
      'ValidationException',
      "The 'statusFilter' PENDING_REDRIVE can only be used with 'mapRunArn'",
    );
  if (redriveFilter !== undefined)
    throw awsError(
      'ValidationException',
      'RedriveFilter cannot be applied to ListExecutions call with StateMachine ARN',
    );
  const reference = readStateMachineArn(place, arn);
  const machine = reference && (await store.stateMachines.startRecord(place, reference.name, reference));
  if (reference === undefined || machine === undefined) throw awsError('StateMachineDoesNotExist', arn);
  if (machine.type === 'EXPRESS') throw awsError('StateMachineTypeNotSupported');
  const { stateMachineId } = machine;
  const { version, alias } = reference;
  const { items, nextToken } = await readPage({
    operation: 'ListExecutions',
    input,
    pageTokens,
    read: (limit, after: ListExecutions['after']) =>
      store.executions.list({ stateMachineId, version, alias, status, limit, after }),
    positionOf: ({ startedAt, id }) => ({ startedAt, id }),
  });
  return { executions: items.map((execution) => showSummary(place, execution)), nextToken };
}

function showSummary(place: ArnPlace, execution: ExecutionSummary) {
  const { stateMachineName, name, status, startedAt, stoppedAt, redriveCount, redrivenAt } = execution;
  return {
    executionArn: executionArn(place, stateMachineName, name),
    stateMachineArn: stateMachineArn(place, stateMachineName),
    ...startedThrough(place, execution),
    name,
    status,
    startDate: toTimestamp(startedAt),
    stopDate: stoppedAt === undefined ? undefined : toTimestamp(stoppedAt),
    redriveCount,
    redriveDate: redrivenAt === undefined ? undefined : toTimestamp(redrivenAt),
  };
}
