/** What goes wrong, drawn from the seed: faults overlap, and now and then all is quiet so that something can end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DATABASE_FAULTS } from './database-faults.ts';
import type { Dice } from './dice.ts';
import { type Installation, type Node, WORKER_TIMEOUT_SECONDS } from './installation.ts';
import { Takeovers } from './takeovers.ts';

/** Injected so far, by what they were. */
export type FaultCounts = Readonly<Record<string, number>>;

/** Under way at a time. */
const OVERLAPPING_MAX = 3;
const PAUSE_MS = [100, 1500] as const;
/** One in so many pauses is a long one, after all faults are over. */
const QUIET_CHANCE = 0.1;
const QUIET_MS = 4000;

/** From less than a worker may be silent, to long after it was taken for dead. */
const SILENCE_MS = [300, WORKER_TIMEOUT_SECONDS * 1000 * 2.5] as const;
const DOWN_MS = [0, 2000] as const;
const CLOCK_SHIFTS_MS = [0, 0, 1700, -1700, 3_600_000, -3_600_000, 400 * 86_400_000, -400 * 86_400_000];

/** Of one process. It is over when the promise resolves. */
type NodeFault = (node: Node, dice: Dice, takeovers: Takeovers) => Promise<void>;

const NODE_FAULTS: Readonly<Record<string, readonly [weight: number, fault: NodeFault]>> = {
  kill: [
    4,
    async ({ process }, dice, takeovers) => {
      const { pid } = process;
      await process.end('SIGKILL');
      const takenOver = takeovers.clock(pid);
      process.clockShiftMs = dice.pick(CLOCK_SHIFTS_MS);
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
  blackHole: [
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

const DATABASE_CHANCE = 0.15;

export class Nemesis {
  readonly takeovers: Takeovers;
  readonly #installation: Installation;
  readonly #dice: Dice;
  readonly #counts: Record<string, number> = {};
  readonly #underWay = new Map<Node | 'postgres', Promise<void>>();
  readonly #log: (line: string) => void;

  /** @param log is told of each fault */
  constructor(installation: Installation, dice: Dice, log: (line: string) => void) {
    this.#installation = installation;
    this.takeovers = new Takeovers(installation);
    this.#dice = dice;
    this.#log = log;
  }

  get counts(): FaultCounts {
    return this.#counts;
  }

  /** Resolves when the signal has aborted and all faults are over. */
  async run(signal: AbortSignal): Promise<void> {
    const dice = this.#dice;
    while (!signal.aborted) {
      await pause(dice.between(...PAUSE_MS), signal);
      if (signal.aborted) break;
      if (dice.chance(QUIET_CHANCE)) {
        await this.#allOver();
        await pause(QUIET_MS, signal);
      } else if (dice.chance(DATABASE_CHANCE)) this.#strikeDatabase();
      else this.#strikeNode();
      if (this.#underWay.size >= OVERLAPPING_MAX) await Promise.race(this.#underWay.values());
    }
    await this.#allOver();
  }

  #strikeDatabase(): void {
    const dice = this.#dice;
    const [name, fault] = drawFrom(DATABASE_FAULTS, dice);
    if (this.#underWay.has('postgres')) return;
    this.#begin('postgres', `postgres: ${name}`, () => fault(this.#installation, dice));
  }

  #strikeNode(): void {
    const dice = this.#dice;
    const node = dice.pick(this.#installation.nodes);
    const [name, fault] = drawFrom(NODE_FAULTS, dice);
    if (this.#underWay.has(node)) return;
    this.#begin(
      node,
      `${name} ${node.process.role}`,
      () => fault(node, dice, this.takeovers),
      node.process.name,
    );
  }

  #begin(target: Node | 'postgres', what: string, work: () => Promise<void>, who = 'postgres'): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + 1;
    this.#log(`${what} (${who})`);
    this.#underWay.set(
      target,
      work().finally(() => {
        this.#underWay.delete(target);
        this.#log(`over: ${what} (${who})`);
      }),
    );
  }

  async #allOver(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {});
}

function drawFrom<Fault>(
  faults: Readonly<Record<string, readonly [weight: number, fault: Fault]>>,
  dice: Dice,
): [name: string, fault: Fault] {
  return dice.weighted(
    Object.entries(faults).map(([name, [weight, fault]]): [number, [string, Fault]] => [
      weight,
      [name, fault],
    ]),
  );
}
