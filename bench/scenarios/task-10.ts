/** What a durable task costs when the task itself costs nothing: five events, and never sent before it is recorded. */
import { cpuOf, watchCores } from '../cpu.ts';
import { drainScenario } from '../drain.ts';
import { lambdaChain } from '../lambda-chain.ts';
import { putUnderLoad } from '../load.ts';
import { newMachine } from '../machine.ts';
import type { Measured, Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';

export const TASKS = 10;
export const AT_ONCE = 100;

export const task10 = drainScenario({
  name: 'task-10',
  definition: lambdaChain(TASKS),
  statesEntered: TASKS,
});

/**
 * The same, a hundred at once, each from its start over HTTP to its result there: the API works as hard as the engine.
 * Metrics: executionsPerSecond, transitionsPerSecond, apiCores, workerCores, postgresCores and loadCores.
 */
export const task10AtOnce: Scenario = { name: 'task-10-at-once', run };

async function run(server: BenchServer, { loadSeconds }: Size): Promise<Measured> {
  const api = await server.api();
  const [worker] = await server.workers(1, 'no-op');
  if (worker === undefined) throw new Error('There is no worker');
  await server.clear();
  const start = {
    stateMachineArn: await newMachine(server, 'task-10-at-once', lambdaChain(TASKS)),
    input: '{}',
  };
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
  await worker.stop();
  return {
    executionsPerSecond: callsPerSecond,
    transitionsPerSecond: callsPerSecond * TASKS,
    ...busy,
  };
}
