import { randomInt } from 'node:crypto';
import { type Random, randomFrom } from '../../runtime/expressions/random.ts';

/** Random choices that all follow from one number. */
export class Dice {
  readonly #random: Random;

  /** @param purpose so that the load and the nemesis of one seed do not draw the same */
  constructor(seed: number, purpose: number) {
    this.#random = randomFrom([seed, purpose, 0x43_48_41_4f, 0x53]);
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#random.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[Math.floor(this.#random.next() * choices.length)];
    if (chosen === undefined) throw new RangeError('There is nothing to pick from');
    return chosen;
  }

  /** Picks in proportion to the weights. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    const total = choices.reduce((sum, [weight]) => sum + weight, 0);
    let rest = this.#random.next() * total;
    for (const [weight, choice] of choices) {
      if (rest < weight) return choice;
      rest -= weight;
    }
    throw new RangeError('There is nothing to pick from');
  }
}

/** A seed that nobody has chosen. */
export function drawSeed(): number {
  return randomInt(2 ** 31);
}
