/** Asynchronous Express executions: one API process takes the starts, one worker process runs them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { chain } from '../chain.ts';
import { putUnderLoad, WARM_UP_SECONDS } from '../load.ts';
import { newMachine } from '../machine.ts';
import { startRole } from '../role-process.ts';
import type { Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';

/**
 * Metrics: startsPerSecond with startMsP50 and startMsP99 under full load, completionsPerSecond until the last of them
 * has ended, and for how many seconds the worker went on when the load was over.
 */
export const expressAsync: Scenario = { name: 'express-async', run };

const PACE_MS = 50;

async function run(server: BenchServer, { loadSeconds }: Size): Promise<Record<string, number>> {
  const stateMachineArn = await newMachine(server, 'express-async', chain(10, { Type: 'Pass' }), 'EXPRESS');
  const api = await startRole('api', server.databaseUrl);
  const worker = await startRole('worker', server.databaseUrl);
  try {
    const load = { endpoint: api.url, operation: 'StartExecution', input: { stateMachineArn } };
    await putUnderLoad({ ...load, seconds: WARM_UP_SECONDS });
    await drained(server);
    const begin = performance.now();
    const { calls, callsPerSecond, latencyMsP50, latencyMsP99 } = await putUnderLoad({
      ...load,
      seconds: loadSeconds,
    });
    const loaded = performance.now();
    await drained(server);
    const end = performance.now();
    return {
      startsPerSecond: callsPerSecond,
      startMsP50: latencyMsP50,
      startMsP99: latencyMsP99,
      completionsPerSecond: (calls * 1000) / (end - begin),
      backlogSeconds: (end - loaded) / 1000,
    };
  } finally {
    await worker.end();
    await api.end();
  }
}

async function drained(server: BenchServer): Promise<void> {
  while (await server.hasExpressExecutions()) await sleep(PACE_MS);
}
