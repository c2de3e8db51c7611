import { executionArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import type { ExecutionStatus } from '../../runtime/index.ts';
import type { ListExecutions } from '../../store/store.ts';
import { findStateMachine } from '../arns.ts';
import { awsError, validationError } from '../errors.ts';
import type { Input } from '../model/shapes.ts';
import { type Operation, pageSize, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html */
export const listExecutions: Operation<'ListExecutions'> = async (input, context) => {
  const { machineArn, status } = readFilters(input);
  const machine = await findStateMachine(context, machineArn);
  if (machine.type === 'EXPRESS') throw awsError('StateMachineTypeNotSupported');
  const limit = pageSize(input.maxResults);
  const after = (await context.pageTokens.read('ListExecutions', input)) as ListExecutions['after'];
  // One more than fits tells whether there is a next page.
  const found = await context.store.executions.list({
    stateMachineId: machine.id,
    status,
    limit: limit + 1,
    after,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    executions: page.map(({ name, status, startedAt, stoppedAt }) => ({
      executionArn: executionArn(context.place, machine.name, name),
      stateMachineArn: stateMachineArn(context.place, machine.name),
      name,
      status,
      startDate: toTimestamp(startedAt),
      stopDate: stoppedAt === undefined ? undefined : toTimestamp(stoppedAt),
      redriveCount: 0,
    })),
    nextToken:
      last !== undefined && found.length > limit
        ? await context.pageTokens.issue('ListExecutions', input, { startedAt: last.startedAt, id: last.id })
        : undefined,
  };
};

interface Filters {
  readonly machineArn: string;
  readonly status: ExecutionStatus | undefined;
}

/** @throws AwsError ValidationException: filters that do not go together */
function readFilters({
  stateMachineArn,
  mapRunArn,
  statusFilter,
  redriveFilter,
}: Input<'ListExecutions'>): Filters {
  if (stateMachineArn !== undefined && mapRunArn !== undefined)
    throw awsError('ValidationException', "Only one of 'stateMachineArn' and 'mapRunArn' can be specified");
  if (mapRunArn !== undefined) throw awsError('UnsupportedOperationException', 'Map Runs');
  if (stateMachineArn === undefined)
    throw validationError(
      "One of 'stateMachineArn' and 'mapRunArn' must be specified",
      'MISSING_REQUIRED_PARAMETER',
    );
  if (statusFilter === 'PENDING_REDRIVE')
    throw awsError(
      'ValidationException',
      "The 'statusFilter' PENDING_REDRIVE can only be used with 'mapRunArn'",
    );
  if (redriveFilter !== undefined)
    throw awsError('ValidationException', "'redriveFilter' can only be used with 'mapRunArn'");
  return { machineArn: stateMachineArn, status: statusFilter };
}
