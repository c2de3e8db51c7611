/**
 * What a durable task costs when the task itself costs nothing: five events, and never sent before it is recorded. A
 * hundred executions at once, each from its start over HTTP to its result there. One API process, one worker process.
 */
import { cpuOf, watchCores } from '../cpu.ts';
import { drainScenario } from '../drain.ts';
import { lambdaChain } from '../lambda-chain.ts';
import { idleLatency } from '../latency.ts';
import { putUnderLoad } from '../load.ts';
import { newMachine } from '../machine.ts';
import type { Measured, Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';

export const TASKS = 10;
export const AT_ONCE = 100;

/**
 * Metrics: executionsPerSecond, transitionsPerSecond, apiCores, workerCores, postgresCores and loadCores with a hundred at
 * once; latencyMsP50 and latencyMsP95.
 */
export const task10: Scenario = { name: 'task-10', run };

/** The same with a backlog, in which no API takes part. */
export const task10Drained = drainScenario({
  name: 'task-10-drained',
  definition: lambdaChain(TASKS),
  statesEntered: TASKS,
});

async function run(server: BenchServer, { loadSeconds, oneAtATime }: Size): Promise<Measured> {
  const api = await server.api();
  const [worker] = await server.workers(1, 'no-op');
  if (worker === undefined) throw new Error('There is no worker');
  await server.clear();
  const start = { stateMachineArn: await newMachine(server, 'task-10', lambdaChain(TASKS)), input: '{}' };
  await worker.start();
  const cores = watchCores({
    apiCores: cpuOf(api.pid),
    workerCores: cpuOf(worker.pid),
    ...server.postgresCpu,
  });
  const { callsPerSecond, loadCores } = await putUnderLoad({
    endpoint: api.url,
    operation: 'StartExecution',
    input: start,
    awaited: true,
    connections: AT_ONCE,
    seconds: loadSeconds,
  });
  const busy = { ...cores(), loadCores };
  const idle = await idleLatency(api.url, start, oneAtATime);
  await worker.stop();
  return {
    executionsPerSecond: callsPerSecond,
    transitionsPerSecond: callsPerSecond * TASKS,
    ...busy,
    ...idle,
  };
}
