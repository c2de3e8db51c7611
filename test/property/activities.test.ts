/** Tasks of activities and the workers of two API processes: whoever comes and goes, each task is handed out once. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActivityPollers } from '../../api/activity-tasks/activity-pollers.ts';
import type { Polled } from '../../api/activity-tasks/poller-queues.ts';
import type { ActivityStore } from '../../store/activity.ts';
import type { Store } from '../../store/store.ts';
import { logger, stopWith, useStore } from '../store/fixture.ts';
import { patience, runs } from '../support/runs.ts';
import { ManualClock } from '../worker/manual-clock.ts';

const fixture = useStore();
const ACTIVITIES = 2;

type Step =
  | { readonly kind: 'offer'; readonly activity: number; readonly tasks: number }
  | { readonly kind: 'poll'; readonly activity: number; readonly process: number }
  | { readonly kind: 'hangUp' | 'stop'; readonly which: number }
  | { readonly kind: 'settle' };

const activity = fc.nat(ACTIVITIES - 1);
const steps = (processes: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('offer' as const),
          activity,
          tasks: fc.integer({ min: 1, max: 3 }),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('poll' as const),
          activity,
          process: fc.nat(processes - 1),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constantFrom('hangUp' as const, 'stop' as const),
          which: fc.nat(20),
        }),
      },
      { weight: 2, arbitrary: fc.constant({ kind: 'settle' as const }) },
    ),
    { minLength: 5, maxLength: 40 },
  );

/** The pollers of one API process, on a store of its own. */
class Process {
  readonly clock = new ManualClock();
  readonly #closing = new AbortController();
  readonly #pollers: ActivityPollers;

  /** Takes that have not been answered. */
  taking = 0;

  constructor(store: Store) {
    const { clock } = this;
    const activities: ActivityStore = {
      ...store.activities,
      take: async (workers) => {
        this.taking++;
        const taken = await store.activities.take(workers);
        this.taking--;
        return taken;
      },
    };
    this.#pollers = new ActivityPollers({ activities, clock, closing: this.#closing.signal, logger });
  }

  poll(activityId: string): Poll {
    const gone = new AbortController();
    const poll: Poll = { activityId, outcome: undefined, hangUp: () => gone.abort(), ended: undefined };
    poll.ended = this.#pollers.poll({ activityId, workerName: undefined }, gone.signal).then((polled) => {
      poll.outcome = polled;
    });
    return poll;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pollers.close();
  }
}

interface Poll {
  readonly activityId: string;
  outcome: Polled | undefined;
  readonly hangUp: () => void;
  ended: Promise<void> | undefined;
}

interface Offered {
  readonly executionId: string;
  readonly activityId: string;
  readonly tokens: readonly string[];
}

let tokens = 0;

/** Plays the steps; `settle` lets all that is under way come to its end first. */
class Play {
  readonly activityIds: string[] = [];
  readonly offered: Offered[] = [];
  readonly stopped = new Set<string>();
  readonly polls: Poll[] = [];
  readonly #processes: readonly Process[];

  constructor(processes: readonly Process[]) {
    this.#processes = processes;
  }

  async step(step: Step): Promise<void> {
    if (step.kind === 'offer') await this.#offer(step);
    else if (step.kind === 'poll') this.#poll(step);
    else if (step.kind === 'hangUp') this.polls[step.which]?.hangUp();
    else if (step.kind === 'stop') await this.#stop(step.which);
    else await this.settle();
  }

  /** Until nothing is under way, and nobody waits for a task that is there. */
  async settle(): Promise<void> {
    for (;;) {
      const waiting = new Set(
        this.polls.flatMap((poll) => (poll.outcome === undefined ? poll.activityId : [])),
      );
      const busy = await fixture().store.activities.haveNews([...waiting]);
      const isTaking = this.#processes.some(({ taking }) => taking > 0);
      await new Promise((resolve) => setImmediate(resolve));
      if (busy.length === 0 && !isTaking) return;
      for (const { clock } of this.#processes) clock.advance(1000);
    }
  }

  get delivered(): string[] {
    return this.polls.flatMap(({ outcome }) => (typeof outcome === 'object' ? outcome.token : []));
  }

  async #offer({ activity, tasks }: Extract<Step, { kind: 'offer' }>): Promise<void> {
    const activityId = this.activityIds[activity] ?? '';
    const names = Array.from({ length: tasks }, () => `t${++tokens}`);
    const { executionId } = await fixture().offering(activityId, ...names);
    this.offered.push({ executionId, activityId, tokens: names });
  }

  #poll({ activity, process }: Extract<Step, { kind: 'poll' }>): void {
    const polling = this.#processes[process] as Process;
    this.polls.push(polling.poll(this.activityIds[activity] ?? ''));
  }

  async #stop(which: number): Promise<void> {
    const executionId = this.offered[which]?.executionId;
    if (executionId === undefined) return;
    await fixture().store.executions.stop(executionId, stopWith());
    this.stopped.add(executionId);
  }
}

async function play(script: readonly Step[], stores: readonly Store[], check: (play: Play) => Promise<void>) {
  const processes = stores.map((store) => new Process(store));
  const played = new Play(processes);
  for (let n = 0; n < ACTIVITIES; n++) played.activityIds.push((await fixture().activity()).id);
  try {
    for (const step of script) await played.step(step);
    await played.settle();
    await check(played);
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}

test(
  'each task goes to one worker, or stays to be taken; none of a stopped execution does',
  async () => {
    const stores = [await fixture().another(), await fixture().another()];
    const check = async (script: readonly Step[]) =>
      play(script, stores, async (played) => {
        const { delivered, offered, stopped, activityIds } = played;
        expect(new Set(delivered).size).toBe(delivered.length);
        const left = await fixture().query<{ token: string }>(
          'select token from statehouse.activity_tasks where activity_id = any ($1)',
          [activityIds],
        );
        const running = offered.filter(({ executionId }) => !stopped.has(executionId));
        const expected = new Set(running.flatMap((one) => one.tokens));
        const found = [...delivered, ...left.map(({ token }) => token)].filter((token) =>
          expected.has(token),
        );
        expect(found.sort()).toEqual([...expected].sort());
        expect(left.filter(({ token }) => !expected.has(token))).toEqual([]);
      });
    await fc.assert(fc.asyncProperty(steps(2), check), { numRuns: runs(25) });
  },
  patience(120_000),
);

test(
  'where takers do not compete, the first worker gets the first task',
  async () => {
    const store = await fixture().another();
    const check = async (script: readonly Step[]) =>
      play(
        script.flatMap((step): Step[] => (step.kind === 'settle' ? [step] : [step, { kind: 'settle' }])),
        [store],
        async ({ polls, offered, stopped, activityIds }) => {
          for (const activityId of activityIds) {
            const order = offered.filter((one) => one.activityId === activityId).flatMap((one) => one.tokens);
            const got = polls.flatMap(({ outcome, activityId: of }) =>
              of === activityId && typeof outcome === 'object' ? outcome.token : [],
            );
            expect(got).toEqual(order.filter((token) => got.includes(token)));
            const outcomes = polls
              .filter((poll) => poll.activityId === activityId)
              .map(({ outcome }) => outcome);
            const waiting = outcomes.indexOf(undefined);
            expect(
              outcomes
                .slice(waiting < 0 ? outcomes.length : waiting)
                .some((outcome) => typeof outcome === 'object'),
            ).toBe(false);
            const skipped = order.slice(0, order.indexOf(got.at(-1) ?? '') + 1);
            const ofStopped = offered
              .filter((one) => stopped.has(one.executionId))
              .flatMap((one) => one.tokens);
            expect(skipped.filter((token) => !got.includes(token) && !ofStopped.includes(token))).toEqual([]);
          }
        },
      );
    await fc.assert(fc.asyncProperty(steps(1), check), { numRuns: runs(15) });
  },
  patience(120_000),
);
