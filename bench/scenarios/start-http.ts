/** How many executions one API process starts, durably, while no worker runs: over HTTP, in AWS's wire format. */

import { chain } from '../chain.ts';
import { cpuOf, watchCores } from '../cpu.ts';
import { putUnderLoad } from '../load.ts';
import { newMachine } from '../machine.ts';
import type { Measured, Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';

/** Clients that start one after the other. */
export const CLIENTS = 100;

/** Metrics: requestsPerSecond, latencyMsP50 and latencyMsP99 under full load; apiCores, postgresCores, loadCores. */
export const startHttp: Scenario = { name: 'start-http', run };

async function run(server: BenchServer, { loadSeconds }: Size): Promise<Measured> {
  const api = await server.api();
  await server.clear();
  const stateMachineArn = await newMachine(server, 'start-http', chain(10, { Type: 'Pass' }));
  const cores = watchCores({ apiCores: cpuOf(api.pid), ...server.postgresCpu });
  const { callsPerSecond, latencyMsP50, latencyMsP99, loadCores } = await putUnderLoad({
    endpoint: api.url,
    operation: 'StartExecution',
    input: { stateMachineArn },
    connections: CLIENTS,
    seconds: loadSeconds,
  });
  const busy = cores();
  await server.clear();
  return { requestsPerSecond: callsPerSecond, latencyMsP50, latencyMsP99, ...busy, loadCores };
}
