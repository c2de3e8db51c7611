/** What becomes of each call between a process and the database, or anything else that is elsewhere. */
import type { Dice } from '../chaos/dice.ts';
import type { SimulatedProcess } from './process.ts';

export interface Fate {
  /** When the other side does what it is asked, in ms from now; undefined: never. It may be after the caller has given up. */
  readonly servedAfterMs: number | undefined;
  /** When the caller hears of it: the answer, or that there is none. */
  readonly heardAfterMs: number;
  /** False: the connection breaks. */
  readonly isAnswered: boolean;
  /** The caller dies at the moment when it is to be served, just before or just after. */
  readonly death?: 'before' | 'after';
}

export interface Weather {
  /** @param call what is asked, `append` say */
  fateOf(caller: SimulatedProcess, call: string): Fate;
  /** Whether what a process has sent before its death still arrives. */
  arrives(): boolean;
  /** From now on nothing is late or breaks. */
  calmDown(): void;
  /** Of one-way news, in ms; undefined: it is lost. */
  newsDelay(): number | undefined;
}

/** How bad it is; each schedule draws its own, so that some faults come without others. */
export interface Climate {
  /** Of calls. */
  readonly slow: number;
  readonly hanging: number;
  readonly broken: number;
  readonly lostNews: number;
}

/**
 * Transactions of several statements, each sent when the one before was answered. Who gives up on one has either not sent its
 * COMMIT, or the execution's row is locked until that has been served, and the repetition waits for it. So nothing comes between
 * (test/store/late-calls.test.ts).
 */
export const IN_SEVERAL_STEPS: ReadonlySet<string> = new Set([
  'closeTokens',
  'redrive',
  'stop',
  'unregister',
]);

const CALM: Climate = { slow: 0, hanging: 0, broken: 0, lostNews: 0 };

export function randomClimate(dice: Dice): Climate {
  const share = (most: number): number => dice.pick([0, 0, most / 4, most]);
  return { slow: share(0.3), hanging: share(0.03), broken: share(0.1), lostNews: share(0.5) };
}

export class RandomWeather implements Weather {
  #climate: Climate;
  readonly #dice: Dice;

  constructor(climate: Climate, dice: Dice) {
    this.#climate = climate;
    this.#dice = dice;
  }

  fateOf(_caller: SimulatedProcess, call: string): Fate {
    const dice = this.#dice;
    const there = this.#legMs();
    const back = this.#legMs();
    if (!dice.chance(this.#climate.broken))
      return { servedAfterMs: there, heardAfterMs: there + back, isAnswered: true };
    // The caller may hear of the break before what it has sent is served.
    const heardAfterMs =
      !IN_SEVERAL_STEPS.has(call) && dice.chance(0.3) ? dice.between(0, there) : there + back;
    return { servedAfterMs: dice.chance(0.5) ? there : undefined, heardAfterMs, isAnswered: false };
  }

  calmDown(): void {
    this.#climate = CALM;
  }

  arrives(): boolean {
    return this.#dice.chance(0.5);
  }

  newsDelay(): number | undefined {
    return this.#dice.chance(this.#climate.lostNews) ? undefined : this.#legMs();
  }

  #legMs(): number {
    const dice = this.#dice;
    if (dice.chance(this.#climate.hanging)) return dice.between(500, 12_000);
    if (dice.chance(this.#climate.slow)) return dice.between(3, 200);
    return dice.between(0, 2);
  }
}
