/** The measurement that most scenarios share: drain a preloaded store, then run executions one at a time. */
import type { Client } from '../cli/client.ts';
import type { Integrations } from '../integrations/registry.ts';
import { DrainMeter } from './drain-meter.ts';
import { newMachine } from './machine.ts';
import type { Scenario, Size } from './scenario.ts';
import type { BenchServer } from './server.ts';
import { percentile } from './statistics.ts';

export interface Drained {
  readonly name: string;
  readonly definition: object;
  /** States that one execution enters. */
  readonly statesEntered: number;
  readonly integrations: Integrations;
}

const STARTERS = 64;

/** A scenario with the metrics executionsPerSecond, transitionsPerSecond, latencyMsP50 and latencyMsP95. */
export function drainScenario(drained: Drained): Scenario {
  return { name: drained.name, run: (server, size) => run(drained, server, size) };
}

async function run(drained: Drained, server: BenchServer, size: Size): Promise<Record<string, number>> {
  const stateMachineArn = await newMachine(server, drained.name, drained.definition);
  await preload(server.client, stateMachineArn, size.preloaded);
  const meter = new DrainMeter(server.leases, size.preloaded);
  const worker = server.worker(drained.integrations, meter.leases);
  try {
    await worker.start();
    const executionsPerSecond = size.preloaded / (await meter.drained());
    const latenciesMs = await oneAtATime(server.client, stateMachineArn, size.oneAtATime);
    return {
      executionsPerSecond,
      transitionsPerSecond: executionsPerSecond * drained.statesEntered,
      latencyMsP50: percentile(latenciesMs, 50),
      latencyMsP95: percentile(latenciesMs, 95),
    };
  } finally {
    await worker.stop();
  }
}

/** Starts executions that nobody runs yet. */
export async function preload(client: Client, stateMachineArn: string, count: number): Promise<void> {
  let left = count;
  const starter = async (): Promise<void> => {
    while (left-- > 0) await client.call('StartExecution', { stateMachineArn });
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
}

/** From sending StartExecution to having the result in hand, over HTTP, with nothing else going on. */
export async function oneAtATime(client: Client, stateMachineArn: string, count: number): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    const { executionArn } = await client.call('StartExecution', { stateMachineArn });
    const url = new URL(`/api/v1/executions/${encodeURIComponent(executionArn)}?wait=10`, client.endpoint);
    const { status } = (await (await fetch(url)).json()) as { status: string };
    if (status !== 'SUCCEEDED') throw new Error(`${executionArn} ended as ${status}`);
    latenciesMs.push(performance.now() - begin);
  }
  return latenciesMs;
}
