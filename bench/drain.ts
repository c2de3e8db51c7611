/** The measurement that most scenarios share: drain a preloaded store, then run executions one at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../cli/client.ts';
import type { Integrations } from '../integrations/registry.ts';
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

const ROLE_ARN = 'arn:aws:iam::000000000000:role/statehouse';
const STARTERS = 64;
const POLL_MS = 5;

/** A scenario with the metrics executionsPerSecond, transitionsPerSecond, latencyMsP50 and latencyMsP95. */
export function drainScenario(drained: Drained): Scenario {
  return { name: drained.name, run: (server, size) => run(drained, server, size) };
}

let machines = 0;

async function run(drained: Drained, server: BenchServer, size: Size): Promise<Record<string, number>> {
  const name = `${drained.name}-run-${++machines}`;
  const { stateMachineArn } = await server.client.call('CreateStateMachine', {
    name,
    definition: JSON.stringify(drained.definition),
    roleArn: ROLE_ARN,
  });
  await preload(server.client, stateMachineArn, size.preloaded);
  const worker = server.worker(drained.integrations);
  try {
    await worker.start();
    const executionsPerSecond = await drain(server, name);
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

async function preload(client: Client, stateMachineArn: string, count: number): Promise<void> {
  let left = count;
  const starter = async (): Promise<void> => {
    while (left-- > 0) await client.call('StartExecution', { stateMachineArn });
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
}

/** What was done while the worker was starting does not count, neither as work nor as time. */
async function drain(server: BenchServer, stateMachineName: string): Promise<number> {
  const open = await server.openExecutions(stateMachineName);
  const begin = performance.now();
  while ((await server.openExecutions(stateMachineName)) > 0) await sleep(POLL_MS);
  return (open * 1000) / (performance.now() - begin);
}

/** From sending StartExecution to having the result in hand, over HTTP, with nothing else going on. */
async function oneAtATime(client: Client, stateMachineArn: string, count: number): Promise<number[]> {
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
