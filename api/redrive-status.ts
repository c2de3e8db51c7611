import type { RedriveRefusal } from '../store/execution.ts';
import type { Output } from './model/shapes.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html (redriveStatusReason) */
export const REDRIVE_STATUS_REASONS: Readonly<Record<RedriveRefusal, string>> = {
  DELETING: 'State machine is in DELETING status',
  RUNNING: 'Execution is RUNNING and cannot be redriven',
  SUCCEEDED: 'Execution is SUCCEEDED and cannot be redriven',
  HISTORY_FULL: 'Execution history event limit exceeded',
  OPEN_TOO_LONG: 'Execution has exceeded the max execution time',
  CLOSED_TOO_LONG: 'Execution redrivable period exceeded',
};

type RedriveStatus = Pick<Output<'DescribeExecution'>, 'redriveStatus' | 'redriveStatusReason'>;

export function redriveStatus(refusal: RedriveRefusal | undefined): RedriveStatus {
  if (refusal === undefined) return { redriveStatus: 'REDRIVABLE' };
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: REDRIVE_STATUS_REASONS[refusal] };
}
