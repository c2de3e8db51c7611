/**
 * A crash at every boundary of a commit, of every small machine: each alone; with `CRASHES=pairs` each with every later one, too.
 */
import { expect, test } from 'vitest';
import { allCrashes, playWithCrashes, SMALL_MACHINES } from './crashes.ts';

const DEPTH = process.env.CRASHES === 'pairs' ? 2 : 1;

test.each(Object.entries(SMALL_MACHINES))(
  '%s survives a crash anywhere',
  async (_name, workflow) => {
    let played = 0;
    for await (const crashes of allCrashes(workflow, DEPTH)) {
      const { violations } = await playWithCrashes(workflow, crashes);
      expect(violations, JSON.stringify(crashes)).toEqual([]);
      played++;
    }
    expect(played).toBeGreaterThan(10);
  },
  DEPTH * DEPTH * 150_000,
);
