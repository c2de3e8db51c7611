import { traceHeaders } from '../../runtime/index.ts';
import { activityName } from '../arns.ts';
import { awsError } from '../errors.ts';
import type { Operation } from './operation.ts';

/**
 * Answers when there is a task for the worker, or without one after a minute.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html
 */
export const getActivityTask: Operation<'GetActivityTask'> = async (
  { activityArn, workerName },
  { store, place, activityPollers },
  waitForNews,
  answerHeaders,
) => {
  const name = activityName(place, activityArn);
  const activityId = name === undefined ? undefined : await store.activities.idOf(place, name);
  const polled =
    activityId === undefined
      ? 'missing'
      : await waitForNews((gone) => activityPollers.poll({ activityId, workerName }, gone));
  if (polled === 'missing') throw awsError('ActivityDoesNotExist', activityArn);
  if (polled === 'lost') throw awsError('ServiceUnavailable');
  if (polled === 'none') return {};
  // AWS's answer has no member for it.
  if (polled.trace !== undefined) answerHeaders(traceHeaders(polled.trace));
  return { taskToken: polled.token, input: polled.input };
};
