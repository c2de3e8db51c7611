import { jsonFault } from '../../runtime/data/json-fault.ts';
import { awsError } from '../errors.ts';
import { sendSignal } from '../task-signals.ts';
import type { Operation } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export const sendTaskSuccess: Operation<'SendTaskSuccess'> = async (
  { taskToken, output },
  { store, place },
) => {
  const fault = jsonFault(output);
  if (fault !== undefined) throw awsError('InvalidOutput', fault);
  return sendSignal(store, { token: taskToken, place, kind: 'CallbackSucceeded', body: output });
};
