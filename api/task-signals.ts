import type { Signal } from '../store/lease.ts';
import type { Store } from '../store/store.ts';
import { awsError } from './errors.ts';

/** What runtime/execution/task-token.ts makes: other texts were never a token of ours. */
const TASK_TOKEN = /^[0-9a-f]{64}$/;

/**
 * Sends news to the task that a token stands for.
 * @throws AwsError InvalidToken, or TaskTimedOut when that task is over
 */
export async function sendSignal(store: Store, signal: Signal): Promise<Record<never, never>> {
  if (!TASK_TOKEN.test(signal.token)) throw awsError('InvalidToken');
  // Tokens of closed tasks are not kept: one that we could have made is taken for such.
  if ((await store.leases.signal(signal)) === 'unknown') throw awsError('TaskTimedOut');
  return {};
}
