/** Plans what befalls an installation, beyond the weather. */
import type { Dice } from '../chaos/dice.ts';
import type { Installation, WorkerProcess } from './installation.ts';

type Disaster = (installation: Installation, dice: Dice) => void;

/** By what they are: each schedule draws a few. */
const DISASTERS: Readonly<Record<string, Disaster>> = {
  kill: (installation, dice) => withWorker(installation, dice, ({ process }) => process.kill()),
  'graceful stop': (installation, dice) =>
    withWorker(installation, dice, (worker) => {
      if (worker.process.isRunning) installation.stop(worker);
    }),
  pause: (installation, dice) =>
    withWorker(installation, dice, ({ process }) => {
      process.pause();
      const isClockStopped = dice.chance(0.5);
      installation.timeline.after(pauseMs(dice), `${process.name} goes on`, () =>
        process.resume(isClockStopped),
      );
    }),
  'clock of the database': (installation, dice) =>
    installation.leapDatabaseClock(dice.pick([100, 3000, 20_000, 3_600_000])),
  outage: (installation, dice) => installation.breakDown(dice.pick([50, 1500, 8000, 20_000])),
  'jobs that are lost': ({ database }) => database.tables.jobs.clear(),
  'jobs that come twice': ({ database }) => {
    for (const job of [...database.tables.jobs.values()])
      database.tables.jobs.set(database.tables.nextId(), { ...job, takenAt: undefined });
  },
};

/** Up to so many in one schedule. */
const DISASTERS_MAX = 6;

/** @param untilMs from then on there is peace */
export function planDisasters(installation: Installation, dice: Dice, untilMs: number): void {
  const kinds = Object.keys(DISASTERS).filter(() => dice.chance(0.4));
  if (kinds.length === 0) return;
  for (let n = dice.between(0, DISASTERS_MAX); n > 0; n--) {
    const kind = dice.pick(kinds);
    installation.timeline.after(dice.between(0, untilMs), `disaster: ${kind}`, () =>
      DISASTERS[kind]?.(installation, dice),
    );
  }
}

/** Shorter and longer than what makes a worker count as dead. */
function pauseMs(dice: Dice): number {
  return dice.pick([30, 1000, 4500, 7000, 15_000]);
}

function withWorker({ workers }: Installation, dice: Dice, strike: (worker: WorkerProcess) => void): void {
  if (workers.length > 0) strike(dice.pick(workers));
}
