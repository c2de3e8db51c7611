import { awsError } from '../errors.ts';
import { readStart } from '../start-request.ts';
import type { Operation } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html */
export const startSyncExecution: Operation<'StartSyncExecution'> = async (input, context) => {
  const { target } = await readStart('StartSyncExecution', input, context);
  if (target.type === 'STANDARD') throw awsError('StateMachineTypeNotSupported');
  throw awsError('UnsupportedOperationException', 'executions of EXPRESS state machines');
};
