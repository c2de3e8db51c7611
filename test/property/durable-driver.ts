/**
 * The durable driver as the in-memory one is: real workers and a real database, in which time stands still and
 * leaps to the next deadline when nothing else is left to do.
 */
import { type ExecutionLimits, encodeEvents, type JournalEvent, redrivenEvent } from '../../runtime/index.ts';
import type { ExecutionRecord } from '../../store/execution.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { AfterAppend } from '../../worker/activation-context.ts';
import type { Worker } from '../../worker/worker.ts';
import { compile, START_TIME, type TaskAnswer } from '../support/in-memory-run.ts';
import type { RandomMachine } from '../support/random-machine.ts';
import { createWorld, Tasks, type World } from '../worker/world.ts';

export interface DurableRun {
  readonly record: ExecutionRecord;
  readonly journal: readonly JournalEvent[];
}

export interface DurableOptions {
  /** The answer of an attempt, by what it is given and how often the execution was redriven. */
  readonly answer: (payload: string, redrives: number) => TaskAnswer;
  /** How often it is redriven at most, until it succeeds. */
  readonly redrives?: number;
  readonly limits: ExecutionLimits;
  /** Where activations end, so that the other worker goes on from the journal. */
  readonly afterAppend: AfterAppend;
}

export interface DurableDriver {
  run(machine: RandomMachine, options: DurableOptions): Promise<DurableRun>;
}

/** Moves only when it is told to; its timers never fire. */
class StillClock implements Clock {
  now = 0;

  monotonic(): number {
    return this.now;
  }

  after(): () => void {
    return () => {};
  }
}

/** No worker is ever taken for dead here, however far time leaps. */
const WORKER_TIMEOUT_SECONDS = 100_000_000;
const NEVER_SNAPSHOT = { events: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY };

/** @param maxEventsPerTransition 0 makes an append of each step */
export async function createDurableDriver(maxEventsPerTransition: number): Promise<DurableDriver> {
  const world = await createWorld();
  const clock = new StillClock();
  let current: DurableOptions | undefined;
  let redrives = 0;
  await freeze(world, START_TIME);
  const workers: Worker[] = [];
  for (const _ of [1, 2])
    workers.push(
      await world.worker({
        clock,
        workerTimeoutSeconds: WORKER_TIMEOUT_SECONDS,
        tuning: { hotMs: 0, snapshotAfter: NEVER_SNAPSHOT, maxEventsPerTransition },
        hooks: { afterAppend: (executionId, seq) => current?.afterAppend(executionId, seq) ?? 'continue' },
        integrations: answering((payload) => current?.answer(payload, redrives) ?? 'never'),
      }),
    );

  async function leap(): Promise<void> {
    const [next] = await world.sql<{ at: number | null }>(
      `select (extract(epoch from min(wake_at)) * 1000)::float8 as at from statehouse.executions
        where status = 'RUNNING' and wake_at < 'infinity'`,
    );
    if (next?.at == null) throw new Error('The execution waits for something that never comes');
    const to = Math.max(START_TIME + clock.now, Math.ceil(next.at));
    await freeze(world, to);
    clock.now = to - START_TIME;
    // Any worker's ticker makes jobs for all.
    await workers[0]?.services.ticker.runOnce();
  }

  async function redrive(executionId: string, definition: object): Promise<boolean> {
    redrives++;
    const { timeoutSeconds } = compile(definition);
    const outcome = await world.store.executions.redrive(executionId, {
      clientToken: undefined,
      body: (event) => encodeEvents([redrivenEvent({ ...event, timeoutSeconds })]),
    });
    return outcome.kind === 'redriven';
  }

  return {
    async run({ definition, input }, options) {
      current = options;
      redrives = 0;
      const executionId = await world.start(definition, JSON.parse(input), options.limits);
      for (;;) {
        if (!(await isQuiet(world))) continue;
        const record = await world.record(executionId);
        if (record.status === 'RUNNING') await leap();
        else if (record.status === 'SUCCEEDED' || redrives === (options.redrives ?? 0)) break;
        else if (!(await redrive(executionId, definition))) break;
      }
      return { record: await world.record(executionId), journal: await world.journal(executionId) };
    },
  };
}

/** Nobody has anything to do before time goes on. One statement: an execution is at one place at a time. */
async function isQuiet(world: World): Promise<boolean> {
  const [row] = await world.sql<{ quiet: boolean }>(
    `select not exists (select from statehouse.executions where status = 'RUNNING' and owner is not null)
        and not exists (select from graphile_worker._private_jobs) as quiet`,
  );
  return row?.quiet === true;
}

/** The function itself is replaced: a session's setting would not reach the workers' connections. */
async function freeze(world: World, time: number): Promise<void> {
  await world.sql(`create or replace function statehouse.now() returns timestamptz language sql stable
    as $$ select to_timestamp(${time / 1000}) $$`);
}

/** Every task is answered at once; one with a token is submitted, and its token never comes back. */
function answering(answer: (payload: string) => TaskAnswer): Tasks {
  return new (class extends Tasks {
    override serves(): boolean {
      return true;
    }

    override async invoke({ input }: Parameters<Tasks['invoke']>[0]): ReturnType<Tasks['invoke']> {
      const given = answer(input.text);
      if (given === 'never') return new Promise(() => {});
      return 'output' in given
        ? { kind: 'succeeded', output: JSON.stringify(given.output) }
        : { kind: 'failed', failure: given };
    }
  })({});
}
