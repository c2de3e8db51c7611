/** All of a synchronous Express execution: into one API process and out of it by HTTP, with ten states in between. */
import { chain } from '../chain.ts';
import { putUnderLoad } from '../load.ts';
import { newMachine } from '../machine.ts';
import type { Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';

/** Metrics: executionsPerSecond, latencyMsP50 and latencyMsP99 under full load, loadCores. */
export const expressSync: Scenario = { name: 'express-sync', run };

async function run(server: BenchServer, { loadSeconds }: Size): Promise<Record<string, number>> {
  const stateMachineArn = await newMachine(server, 'express-sync', chain(10, { Type: 'Pass' }), 'EXPRESS');
  const api = await server.api();
  const { callsPerSecond, latencyMsP50, latencyMsP99, loadCores } = await putUnderLoad({
    endpoint: api.url,
    operation: 'StartSyncExecution',
    input: { stateMachineArn },
    seconds: loadSeconds,
  });
  return { executionsPerSecond: callsPerSecond, latencyMsP50, latencyMsP99, loadCores };
}
