import { executionArn, labelledStateMachineArn, mapRunArn } from '../../runtime/execution/arn.ts';
import { findExecution } from '../arns.ts';
import { readPage } from '../pages.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * Those of an execution; the newest comes first.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListMapRuns.html
 */
export const listMapRuns: Operation<'ListMapRuns'> = async (input, context) => {
  const { store, place, pageTokens } = context;
  const { id: executionId } = await findExecution(context, input.executionArn);
  const { items, nextToken } = await readPage({
    operation: 'ListMapRuns',
    input,
    pageTokens,
    read: (limit, before: string | undefined) => store.mapRuns.list({ executionId, limit, before }),
    positionOf: ({ id }) => id,
  });
  const mapRuns = items.map((run) => ({
    executionArn: executionArn(place, run.stateMachineName, run.executionName),
    mapRunArn: mapRunArn(place, run.stateMachineName, run.label, run.uuid),
    stateMachineArn: labelledStateMachineArn(place, run.stateMachineName, run.label),
    startDate: toTimestamp(run.startedAt),
    stopDate: run.stoppedAt === undefined ? undefined : toTimestamp(run.stoppedAt),
  }));
  return { mapRuns, nextToken };
};
