/**
 * The measurement that most scenarios share. First the throughput: executions are started, then workers drain them, each
 * in a process of its own. Then the latency: executions one at a time, through an API process.
 */
import type { Client } from '../cli/client.ts';
import { cpuOf, watchCores } from './cpu.ts';
import { idleLatency } from './latency.ts';
import { putUnderLoad } from './load.ts';
import { newMachine } from './machine.ts';
import type { Measured, Scenario, Size } from './scenario.ts';
import type { BenchServer } from './server.ts';
import { drained, type WorkerProcess } from './worker-process.ts';

export interface Drained {
  readonly name: string;
  readonly definition: object | ((server: BenchServer) => Promise<object>);
  readonly input?: object;
  /** States that one execution enters. */
  readonly statesEntered: number;
  /** Executions, as a share of the size's; absent: all. */
  readonly share?: number;
  /** Executions that end with one of them, its children included; absent: itself. */
  readonly ends?: number;
  /** Worker processes; absent: one. */
  readonly workers?: number;
  /** Answers the path of a function map; absent: tasks do nothing, in the worker itself. */
  readonly functions?: (server: BenchServer) => Promise<string>;
}

/**
 * A scenario with the metrics executionsPerSecond, transitionsPerSecond, workerCores and postgresCores while workers
 * drain, latencyMsP50 and latencyMsP95.
 */
export function drainScenario(work: Drained): Scenario {
  return { name: work.name, run: (server, size) => run(work, server, size) };
}

async function run(work: Drained, server: BenchServer, size: Size): Promise<Measured> {
  const { name, definition, input = {}, statesEntered, share = 1, ends = 1 } = work;
  const api = await server.api();
  const workers = await server.workers(work.workers ?? 1, (await work.functions?.(server)) ?? 'no-op');
  await server.clear();
  const stateMachineArn = await newMachine(
    server,
    name,
    typeof definition === 'function' ? await definition(server) : definition,
  );
  const executions = Math.ceil(size.preloaded * share);
  const start = { stateMachineArn, input: JSON.stringify(input) };
  await putUnderLoad({ endpoint: api.url, operation: 'StartExecution', input: start, calls: executions });
  const { seconds, cores } = await drain(server, workers, executions * ends);
  const idle = await idleLatency(api.url, start, Math.ceil(size.oneAtATime * Math.min(1, share)));
  for (const worker of workers) await worker.stop();
  return {
    executionsPerSecond: executions / seconds,
    transitionsPerSecond: (executions / seconds) * statesEntered,
    ...cores,
    ...idle,
  };
}

/** Leaves the workers running. */
async function drain(server: BenchServer, workers: readonly WorkerProcess[], ends: number) {
  const cores = watchCores({
    workerCores: cpuOf(...workers.map(({ pid }) => pid)),
    ...server.postgresCpu,
  });
  await Promise.all(workers.map((worker) => worker.start()));
  return { seconds: await drained(workers, ends), cores: cores() };
}

const STARTERS = 64;

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
