/** One schedule, from its seed to its violations. */

import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { violationsIn } from '../chaos/checker/checker.ts';
import type { Evidence } from '../chaos/checker/evidence.ts';
import { Dice } from '../chaos/dice.ts';
import { definitionOf } from '../chaos/workflows/definition.ts';
import { randomScenario } from '../chaos/workflows/scenario.ts';
import { overtimeWorkflow, randomWorkflow, type Workflow } from '../chaos/workflows/workflow.ts';
import { START_TIME } from '../support/in-memory-run.ts';
import { PLACE } from '../support/place.ts';
import type { Fortune } from './clients.ts';
import { earlyTimersIn } from './early-timers.ts';
import { collect } from './evidence.ts';
import { Installation, type InstallationOptions } from './installation.ts';
import { ModelDatabase } from './model/database.ts';
import { planDisasters } from './nemesis.ts';
import { seal } from './sealed.ts';
import { CALM, RandomWeather, randomClimate } from './weather.ts';

/** What the chaos checker finds, and what it cannot see. */
export interface SimulationViolation {
  readonly rule: string;
  readonly sentence: string;
}

export interface ScheduleReport {
  readonly seed: number;
  /** Of all that happened, in its order. */
  readonly hash: string;
  readonly happenings: number;
  readonly violations: readonly SimulationViolation[];
  readonly evidence: Evidence;
}

export interface ScheduleOptions {
  readonly createDatabase?: InstallationOptions['createDatabase'];
  readonly trace?: ((line: string) => void) | undefined;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
/** Disasters and bad weather last this long; executions may take longer. */
const FAULTS_MS = 20_000;
/** With no faults any more, all has come to its end by then, whatever it has to wait for. */
const PEACE_MS = 10 * 60 * 1000;
/** How long what is left may take to be tidied up: jobs that a dead worker has taken are dropped after a while. */
const TIDY_MS = 60_000;

export async function simulate(seed: number, options: ScheduleOptions = {}): Promise<ScheduleReport> {
  const dice = new Dice(seed, 3);
  const weather = new RandomWeather(randomClimate(dice), dice);
  const tuning = {
    hotMs: dice.pick([0, 1000, 5000]),
    snapshotAfter: dice.pick([
      { events: 100, characters: 65536 },
      { events: 3, characters: 0 },
    ]),
    maxEventsPerTransition: dice.pick([0, 10, 200]),
    executionsMax: dice.pick([1, 2, 100]),
  };
  let installation: Installation | undefined;
  // The wall clock of processes is wrong, and nothing may depend on it.
  const wallClockShift = dice.between(-YEAR_MS, YEAR_MS);
  const open = seal(dice, () => (installation?.now ?? START_TIME) + wallClockShift);
  try {
    installation = new Installation({
      createDatabase: (clock, notify) => new ModelDatabase(clock, notify),
      ...options,
      ...{ dice, weather, tuning },
    });
    populate(installation, dice);
    planDisasters(installation, dice, FAULTS_MS);
    installation.timeline.after(FAULTS_MS, 'peace', () => {
      weather.climate = CALM;
    });
    await runToEnd(installation, weather);
  } finally {
    open();
  }
  const evidence = collect(installation, seed);
  const { hash, happened } = installation.timeline;
  const violations = [...violationsIn(evidence), ...earlyTimersIn(installation.database.tables)];
  return { seed, hash, happenings: happened, violations, evidence };
}

function populate(installation: Installation, dice: Dice): void {
  const leaf = dice.chance(0.1) ? overtimeWorkflow('leaf') : randomWorkflow('leaf', dice, []);
  const workflows = dice.chance(0.6) ? [leaf, randomWorkflow('parent', dice, [leaf])] : [leaf];
  for (const workflow of workflows) deploy(installation, workflow);
  for (let n = dice.between(1, 3); n > 0; n--) {
    const workflow = dice.pick(workflows);
    installation.clients.live(`e${n}`, workflow, randomScenario(workflow, dice), randomFortune(dice));
  }
  for (let n = dice.pick([1, 2, 2, 3]); n > 0; n--) installation.startWorker();
}

export function deploy({ database }: Installation, workflow: Workflow): void {
  const definition = definitionOf(workflow, ({ name }) => stateMachineArn(PLACE, name));
  database.createStateMachine(workflow.name, JSON.stringify(definition));
}

function randomFortune(dice: Dice): Fortune {
  return {
    startAfterMs: dice.between(0, 2000),
    stopAfterMs: dice.chance(0.2) ? dice.between(0, 4000) : undefined,
    isRedriven: dice.chance(0.6),
  };
}

/** Until nothing is left to do, or until it is clear that what is left will never be done. */
async function runToEnd(
  { timeline, clients, database }: Installation,
  weather: RandomWeather,
): Promise<void> {
  const { executions, jobs } = database.tables;
  const isOver = (): boolean =>
    clients.isIdle && [...executions.values()].every(({ status }) => status !== 'RUNNING');
  while (timeline.now < FAULTS_MS + PEACE_MS && !isOver()) await timeline.step();
  weather.climate = CALM;
  for (const end = timeline.now + TIDY_MS; timeline.now < end && jobs.size > 0; ) await timeline.step();
}
