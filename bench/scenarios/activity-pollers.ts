/**
 * Thousands of activity workers that wait: what they cost the process that has them wait, and how soon one of them has a
 * task when nothing else is going on, from the append that schedules it to the answer in the worker's hands.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LeaseStore } from '../../store/lease.ts';
import type { WorkersMessage } from '../activity-workers.ts';
import { newMachine } from '../machine.ts';
import type { Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';
import { percentile } from '../statistics.ts';

const PROGRAM = fileURLToPath(new URL('../activity-workers.ts', import.meta.url));
const POLLERS = 2000;
const ACTIVITIES = 3;
/** Until what was needed to accept the polls is free again. */
const REST_MS = 2000;
const MEGABYTE = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let runs = 0;

/** Metrics: what waiting adds (rssMb, heapMb, postgresConnections), deliveryMsP50 and deliveryMsP99. */
export const activityPollers: Scenario = { name: 'activity-pollers', run };

async function run(server: BenchServer, { oneAtATime }: Size): Promise<Record<string, number>> {
  const names = Array.from({ length: ACTIVITIES }, (_, n) => `activity-${++runs}-${n}`);
  const scheduled = new ScheduledTasks(server.leases);
  const worker = server.worker({ find: () => undefined, close: async () => {} }, scheduled.leases);
  await worker.start();
  const before = await occupied(server);
  const workers = new ActivityWorkers(server.client.endpoint, names);
  try {
    await workers.waiting;
    await sleep(REST_MS);
    const after = await occupied(server);
    const deliveriesMs: number[] = [];
    for (let n = 0; n < oneAtATime; n++) {
      const stateMachineArn = await machineOf(server, names[n % names.length] ?? '');
      const input = JSON.stringify({ n });
      const task = workers.task(input);
      await server.client.call('StartExecution', { stateMachineArn, input });
      deliveriesMs.push((await task) - scheduled.at(input));
    }
    return {
      rssMb: (after.rss - before.rss) / MEGABYTE,
      heapMb: (after.heapUsed - before.heapUsed) / MEGABYTE,
      postgresConnections: after.connections - before.connections,
      deliveryMsP50: percentile(deliveriesMs, 50),
      deliveryMsP99: percentile(deliveriesMs, 99),
    };
  } finally {
    await workers.stop();
    await worker.stop();
  }
}

async function occupied(server: BenchServer) {
  collectGarbage();
  return { ...process.memoryUsage(), connections: await server.connections() };
}

const machines = new Map<string, string>();

async function machineOf(server: BenchServer, activity: string): Promise<string> {
  const known = machines.get(activity);
  if (known !== undefined) return known;
  const Resource = `arn:aws:states:us-east-1:000000000000:activity:${activity}`;
  const definition = { StartAt: 'Work', States: { Work: { Type: 'Task', Resource, End: true } } };
  const stateMachineArn = await newMachine(server, activity, definition);
  machines.set(activity, stateMachineArn);
  return stateMachineArn;
}

/** When tasks were scheduled, by their inputs: it stands between a worker and the store. */
class ScheduledTasks {
  readonly leases: LeaseStore;
  readonly #at = new Map<string, number>();

  constructor(leases: LeaseStore) {
    this.leases = {
      ...leases,
      append: (append) => {
        for (const { activityTask } of append.openTokens)
          if (activityTask) this.#at.set(activityTask.input, performance.timeOrigin + performance.now());
        return leases.append(append);
      },
    };
  }

  /** ms since 1970. */
  at(input: string): number {
    return this.#at.get(input) ?? Number.NaN;
  }
}

class ActivityWorkers {
  /** Resolves when all of them wait. */
  readonly waiting: Promise<void>;
  readonly #process: ChildProcess;
  readonly #tasks = new Map<string, (at: number) => void>();

  constructor(endpoint: string, activities: readonly string[]) {
    const waiting = Promise.withResolvers<void>();
    this.waiting = waiting.promise;
    this.#process = fork(PROGRAM, [endpoint, String(POLLERS), ...activities]);
    this.#process.on('message', (message: WorkersMessage) => {
      if (message.kind === 'waiting') waiting.resolve();
      else this.#tasks.get(message.input)?.(message.at);
    });
    this.#process.once('exit', (code) =>
      waiting.reject(new Error(`The activity workers ended with ${code}`)),
    );
  }

  /** Resolves when the task with this input has come, with the time of that. */
  task(input: string): Promise<number> {
    return new Promise((resolve) => this.#tasks.set(input, resolve));
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await once(this.#process, 'exit');
  }
}
