import { findExecution } from '../arns.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * The stop is final when it is answered. Stopping a closed execution changes nothing and answers when it ended.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
 */
export const stopExecution: Operation<'StopExecution'> = async ({ executionArn, error, cause }, context) => {
  const { id } = await findExecution(context, executionArn);
  const stopped = await context.executionStops.stop(id, { error, cause });
  const stoppedAt = stopped?.stoppedAt ?? (await findExecution(context, executionArn)).stoppedAt;
  if (stoppedAt === undefined) throw new Error(`Execution ${id} is closed but has no stop time`);
  return { stopDate: toTimestamp(stoppedAt) };
};
