import { sendSignal } from '../task-signals.ts';
import type { Operation } from './operation.ts';

/**
 * Starts the heartbeat's time anew; the history shows nothing of it.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html
 */
export const sendTaskHeartbeat: Operation<'SendTaskHeartbeat'> = ({ taskToken }, { store, place }) =>
  sendSignal(store, { token: taskToken, place, kind: 'HeartbeatReceived', body: 'null' });
