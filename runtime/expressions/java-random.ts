/** The generator behind AWS's seeded functions. */
export interface JavaRandom {
  /** Uniform in [0, 1), 53 bits. */
  nextDouble(): number;
  /** Uniform in [0, bound), 0 < bound < 2^31. */
  nextInt(bound: number): number;
}

const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/**
 * The documented algorithm of `java.util.Random`: `$random(42)` on AWS is its first nextDouble().
 * @param seed an integer
 * @see https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Random.html
 */
export function javaRandom(seed: number): JavaRandom {
  let state = (BigInt(seed) ^ MULTIPLIER) & MASK;
  const next = (bits: number): number => {
    state = (state * MULTIPLIER + 0xbn) & MASK;
    return Number(state >> BigInt(48 - bits));
  };
  return {
    nextDouble: () => (next(26) * 2 ** 27 + next(27)) / 2 ** 53,
    nextInt: (bound) => {
      if ((bound & -bound) === bound) return Math.floor((bound * next(31)) / 2 ** 31);
      // The last, incomplete run of `bound` numbers below 2^31 would favour small results.
      for (;;) {
        const bits = next(31);
        if (bits - (bits % bound) + bound <= 2 ** 31) return bits % bound;
      }
    },
  };
}
