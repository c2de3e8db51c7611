/**
 * Small machines, and a crash at each boundary of a commit and of an effect: the worker dies just before or just after, or
 * its connection breaks there and it lives on, or what it has sent is served much later. Nothing else happens to it, so every place is met.
 */
import { Dice } from '../chaos/dice.ts';
import { mustEnd } from '../chaos/workflows/expectation.ts';
import type { Behaviour, Scenario } from '../chaos/workflows/scenario.ts';
import type { Step, Workflow } from '../chaos/workflows/workflow.ts';
import { deploy, play, type ScheduleReport } from './play.ts';
import type { SimulatedProcess } from './process.ts';
import type { ScheduleOptions } from './simulate.ts';
import { type Fate, IN_SEVERAL_STEPS, type Weather } from './weather.ts';

const call = (name: string): Step => ({ kind: 'Call', name, caught: false });
const one = (name: string, ...steps: Step[]): Workflow => ({ name, language: 'JSONPath', steps });
const CHILD = one('child', call('Call1'));

export const SMALL_MACHINES: Readonly<Record<string, Workflow>> = {
  'a Task that is retried': one('machine', call('Call1')),
  'a Parallel': one('machine', {
    ...{ kind: 'Parallel', name: 'Parallel1', caught: false },
    branches: [[call('Call1')], [call('Call2')]],
  }),
  'a Wait that is parked': one('machine', { kind: 'Wait', name: 'Wait1', seconds: 6 }),
  'a callback': one('machine', { kind: 'Callback', name: 'Callback1', caught: false }),
  'a child that is waited for': one('machine', {
    kind: 'Child',
    name: 'Child1',
    caught: false,
    workflow: CHILD,
  }),
  'a Map of two': one('machine', {
    ...{ kind: 'Map', name: 'Map1', caught: false },
    ...{ items: 2, maxConcurrency: 0, body: [call('Call1')] },
  }),
};

export const WAYS = ['dies before', 'dies after', 'breaks before', 'breaks after', 'is served late'] as const;

/** At the call of this number, something goes wrong in this way. */
export interface Crash {
  readonly at: number;
  readonly way: (typeof WAYS)[number];
}

/** What a worker commits or sends in the course of an execution. */
const BOUNDARIES: ReadonlySet<string> = new Set(['claim', 'append', 'park', 'closeTokens', 'stop', 'invoke']);

const FATES: Readonly<Record<Crash['way'], Fate>> = {
  'dies before': { servedAfterMs: 1, heardAfterMs: 2, isAnswered: true, death: 'before' },
  'dies after': { servedAfterMs: 1, heardAfterMs: 2, isAnswered: true, death: 'after' },
  'breaks before': { servedAfterMs: undefined, heardAfterMs: 2, isAnswered: false },
  'breaks after': { servedAfterMs: 1, heardAfterMs: 2, isAnswered: false },
  'is served late': { servedAfterMs: 2000, heardAfterMs: 2, isAnswered: false },
};

class PlannedWeather implements Weather {
  /** Calls at whose boundaries there could have been a crash. */
  boundaries = 0;
  readonly #crashes: readonly Crash[];

  constructor(crashes: readonly Crash[]) {
    this.#crashes = crashes;
  }

  fateOf({ name }: SimulatedProcess, call: string): Fate {
    const crash =
      name !== 'api' && BOUNDARIES.has(call) && this.#crashes.find(({ at }) => at === this.boundaries);
    if (name !== 'api' && BOUNDARIES.has(call)) this.boundaries++;
    if (!crash) return { servedAfterMs: 1, heardAfterMs: 2, isAnswered: true };
    return FATES[crash.way === 'is served late' && IN_SEVERAL_STEPS.has(call) ? 'breaks after' : crash.way];
  }

  calmDown(): void {}

  arrives(): boolean {
    return true;
  }

  newsDelay(): number {
    return 1;
  }
}

/** One execution of a machine, with these crashes. */
export async function playWithCrashes(
  workflow: Workflow,
  crashes: readonly Crash[],
  options: Pick<ScheduleOptions, 'createDatabase'> = {},
): Promise<ScheduleReport & { readonly boundaries: number }> {
  const weather = new PlannedWeather(crashes);
  const report = await play(
    { ...options, seed: 1, dice: new Dice(1, 5), weather, tuning: { hotMs: 0 } },
    (installation) => {
      for (const machine of [CHILD, workflow]) deploy(installation, machine);
      const fortune = { startAfterMs: 10, stopAfterMs: undefined, isRedriven: false };
      installation.clients.live('e1', workflow, scenarioOf(workflow), fortune);
      installation.startWorker();
    },
  );
  return { ...report, boundaries: weather.boundaries };
}

/** Crashes at any one place, and where they go on from there at any later one as well. */
export async function* allCrashes(workflow: Workflow, depth: 1 | 2): AsyncIterable<readonly Crash[]> {
  const { boundaries } = await playWithCrashes(workflow, []);
  for (let at = 0; at < boundaries; at++)
    for (const way of WAYS) {
      const first = { at, way };
      yield [first];
      if (depth === 1) continue;
      const afterFirst = (await playWithCrashes(workflow, [first])).boundaries;
      for (let second = at + 1; second < afterFirst; second++)
        for (const then of WAYS) yield [first, { at: second, way: then }];
    }
}

/** The first call of each function fails, and is retried. */
function scenarioOf(workflow: Workflow): Scenario {
  const behaviour: Behaviour = {
    ...{ failures: 1, brokenUntil: 0, delayMs: 0 },
    answers: { early: false, twice: true },
  };
  const behaviours = Object.fromEntries(['Call1', 'Call2', 'Callback1'].map((name) => [name, behaviour]));
  const children: Scenario['children'] = workflow === CHILD ? {} : { Child1: scenarioOf(CHILD) };
  const scenario: Scenario = { salt: 'salt', must: [], behaviours, children };
  return { ...scenario, must: [mustEnd(workflow, scenario, 0)] };
}
