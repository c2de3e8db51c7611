/** How hard tests with random inputs try. */

/**
 * `PROPERTY_RUNS=100 npx vitest run test/property test/fuzz` makes a hundred times as many runs as CI does. A
 * failure prints its seed and path; `fc.assert(…, { seed, path })` runs that case alone.
 */
const FACTOR = Number(process.env.PROPERTY_RUNS ?? 1);

/** Runs for one test: so many in CI, and as many times more as the environment asks for. */
export function runs(inCi: number): number {
  return Math.ceil(inCi * FACTOR);
}

/** The time a test may take that needs so many milliseconds in CI at the most. */
export function patience(inCiMs: number): number {
  return inCiMs * Math.max(FACTOR, 1);
}
