/** How soon things happen when nothing else goes on: the answer to a start, and the next step after a task. */
import { lambdaChain } from '../lambda-chain.ts';
import { idleLatency } from '../latency.ts';
import { putUnderLoad } from '../load.ts';
import { newMachine } from '../machine.ts';
import type { Measured, Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';

/**
 * Metrics: startMsP50 and startMsP95, of StartExecution alone; resultMsP50, from the start of an execution of one durable
 * task to its result; stepMsP50, what each further task adds to that.
 */
export const idleSteps: Scenario = { name: 'idle-steps', run };

const TASKS = 100;

async function run(server: BenchServer, { oneAtATime }: Size): Promise<Measured> {
  const api = await server.api();
  const [worker] = await server.workers(1, 'no-op');
  if (worker === undefined) throw new Error('There is no worker');
  await server.clear();
  const one = { stateMachineArn: await newMachine(server, 'idle-1', lambdaChain(1)), input: '{}' };
  const many = { ...one, stateMachineArn: await newMachine(server, 'idle-100', lambdaChain(TASKS)) };
  const starts = await putUnderLoad({
    ...{ endpoint: api.url, operation: 'StartExecution', input: one },
    ...{ connections: 1, calls: oneAtATime },
  });
  await server.clear();
  await worker.start();
  const { latencyMsP50: resultMsP50 = Number.NaN } = await idleLatency(api.url, one, oneAtATime);
  const { latencyMsP50: longMsP50 = Number.NaN } = await idleLatency(api.url, many, oneAtATime);
  await worker.stop();
  return {
    startMsP50: starts.latencyMsP50,
    startMsP95: starts.latencyMsP95,
    resultMsP50,
    stepMsP50: (longMsP50 - resultMsP50) / (TASKS - 1),
  };
}
