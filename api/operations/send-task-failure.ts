import { sendSignal } from '../task-signals.ts';
import type { Operation } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html */
export const sendTaskFailure: Operation<'SendTaskFailure'> = (
  { taskToken, error, cause },
  { store, place },
) =>
  sendSignal(store, {
    token: taskToken,
    place,
    kind: 'CallbackFailed',
    body: JSON.stringify({ error, cause }),
  });
