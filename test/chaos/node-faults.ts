/** What goes wrong with one process, or on its way to Postgres. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from './dice.ts';
import { type Node, WORKER_TIMEOUT_SECONDS } from './installation.ts';
import type { Takeovers } from './takeovers.ts';

/** It is over when the promise resolves. */
export type NodeFault = (node: Node, dice: Dice, takeovers: Takeovers) => Promise<void>;

/** From less than a worker may be silent, to long after it was taken for dead. */
const SILENCE_MS = [300, WORKER_TIMEOUT_SECONDS * 1000 * 2.5] as const;
const DOWN_MS = [0, 2000] as const;
const CLOCK_SHIFTS_MS = [0, 0, 1700, -1700, 3_600_000, -3_600_000, 400 * 86_400_000, -400 * 86_400_000];
const FORGETS_PAUSES_CHANCE = 0.4;

/** With how often each comes in a deck. */
export const NODE_FAULTS: Readonly<Record<string, readonly [times: number, fault: NodeFault]>> = {
  kill: [
    4,
    async ({ process }, dice, takeovers) => {
      const { pid } = process;
      await process.end('SIGKILL');
      const takenOver = takeovers.clock(pid);
      process.clock = {
        shiftMs: dice.pick(CLOCK_SHIFTS_MS),
        forgetsPauses: dice.chance(FORGETS_PAUSES_CHANCE),
      };
      await sleep(dice.between(...DOWN_MS));
      await Promise.all([process.start(), takenOver]);
    },
  ],
  terminate: [
    1,
    async ({ process }, dice) => {
      await process.end('SIGTERM');
      await sleep(dice.between(...DOWN_MS));
      await process.start();
    },
  ],
  pause: [
    3,
    async ({ process }, dice) => {
      process.pause();
      await sleep(dice.between(...SILENCE_MS));
      process.resume();
    },
  ],
  cut: [2, async ({ link }) => link.cut()],
  'black hole': [
    2,
    async ({ link }, dice) => {
      link.break('black hole');
      await sleep(dice.between(...SILENCE_MS));
      link.heal();
    },
  ],
  /** Between a COMMIT and its answer, as likely as anywhere. */
  mute: [
    3,
    async ({ link }, dice) => {
      link.break('mute');
      await sleep(dice.between(20, 1000));
      link.heal();
    },
  ],
  leap: [1, async ({ process }) => process.leap()],
};
