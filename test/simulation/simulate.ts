/** A random schedule: everything in it follows from its seed. */
import { Dice } from '../chaos/dice.ts';
import { randomScenario } from '../chaos/workflows/scenario.ts';
import { overtimeWorkflow, randomWorkflow } from '../chaos/workflows/workflow.ts';
import type { Fortune } from './clients.ts';
import type { Installation, InstallationOptions } from './installation.ts';
import { planDisasters } from './nemesis.ts';
import { deploy, play, type ScheduleReport } from './play.ts';
import { RandomWeather, randomClimate } from './weather.ts';

export interface ScheduleOptions {
  readonly createDatabase?: InstallationOptions['createDatabase'];
  readonly trace?: ((line: string) => void) | undefined;
}

/** Disasters and bad weather last this long; executions may take longer. */
const FAULTS_MS = 20_000;

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
    ...dice.pick([{}, { mailBytesMax: 1, mailPageSize: 2 }]),
    ...dice.pick([{}, { claimBytesMax: 100, journalPageBytes: 1000 }, { journalCharactersMax: 5000 }]),
  };
  return play({ ...options, seed, dice, weather, tuning }, (installation) => {
    populate(installation, dice);
    planDisasters(installation, dice, FAULTS_MS);
    installation.timeline.after(FAULTS_MS, 'peace', () => weather.calmDown());
  });
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

function randomFortune(dice: Dice): Fortune {
  return {
    startAfterMs: dice.between(0, 2000),
    stopAfterMs: dice.chance(0.2) ? dice.between(0, 4000) : undefined,
    isRedriven: dice.chance(0.6),
  };
}
