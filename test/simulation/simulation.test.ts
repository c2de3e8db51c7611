/**
 * A slice of the simulation, from a fresh seed each time. `SIMULATION_SECONDS=300 npx vitest run test/simulation` plays for
 * longer; `npm run simulate -- --schedules 1 --seed S` repeats the schedule that a failure names.
 */
import { expect, test } from 'vitest';
import { drawSeed } from '../chaos/dice.ts';
import { simulate } from './simulate.ts';

const SECONDS = Number(process.env.SIMULATION_SECONDS ?? 60);
const firstSeed = drawSeed();

test(
  `no schedule from seed ${firstSeed} on violates anything`,
  async () => {
    const end = performance.now() + SECONDS * 1000;
    for (let seed = firstSeed; performance.now() < end; seed++) {
      const { violations } = await simulate(seed);
      expect(violations, `npm run simulate -- --schedules 1 --seed ${seed}`).toEqual([]);
    }
  },
  SECONDS * 1000 + 30_000,
);

test('a schedule is the same each time it is played, whatever was played before', async () => {
  const [one, other] = [firstSeed, firstSeed + 1];
  const first = await simulate(one);
  const between = await simulate(other);
  const again = await simulate(one);
  expect(again).toEqual(first);
  expect(between.hash).not.toBe(first.hash);
});
