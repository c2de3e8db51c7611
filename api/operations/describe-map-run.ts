import { executionArn, mapRunArn } from '../../runtime/execution/arn.ts';
import { findMapRun } from '../map-runs.ts';
import type { Value } from '../model/shapes.ts';
import { type Operation, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html */
export const describeMapRun: Operation<'DescribeMapRun'> = async (input, context) => {
  const { place } = context;
  const run = await findMapRun(context, input.mapRunArn);
  return {
    mapRunArn: mapRunArn(place, run.stateMachineName, run.label, run.uuid),
    executionArn: executionArn(place, run.stateMachineName, run.executionName),
    status: run.status,
    startDate: toTimestamp(run.startedAt),
    stopDate: run.stoppedAt === undefined ? undefined : toTimestamp(run.stoppedAt),
    maxConcurrency: run.maxConcurrency,
    toleratedFailureCount: run.toleratedFailureCount,
    toleratedFailurePercentage: run.toleratedFailurePercentage,
    // The store keeps these objects as they are and knows nothing of their shape.
    itemCounts: run.itemCounts as Value<'MapRunItemCounts'>,
    executionCounts: run.executionCounts as Value<'MapRunExecutionCounts'>,
    redriveCount: run.redriveCount,
    redriveDate: run.redrivenAt === undefined ? undefined : toTimestamp(run.redrivenAt),
  };
};
