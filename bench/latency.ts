import { putUnderLoad } from './load.ts';
import type { Measured } from './scenario.ts';

/** What StartExecution is given. */
export interface Start {
  readonly stateMachineArn: string;
  readonly input: string;
}

/**
 * From sending StartExecution to having the result in hand, over HTTP, one at a time: with nothing else going on.
 * @param apiUrl of an API process; a worker runs, too
 * @throws Error when an execution does not succeed
 */
export async function idleLatency(apiUrl: string, start: Start, executions: number): Promise<Measured> {
  const { latencyMsP50, latencyMsP95 } = await putUnderLoad({
    endpoint: apiUrl,
    operation: 'StartExecution',
    input: start,
    awaited: true,
    connections: 1,
    calls: executions,
  });
  return { latencyMsP50, latencyMsP95 };
}
