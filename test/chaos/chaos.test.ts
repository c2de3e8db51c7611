/** A slice of chaos, with a seed of its own each time; `npm run chaos` goes on for as long as it is told to. */
import { expect, test } from 'vitest';
import { patience } from '../support/runs.ts';
import { HAS_EMBEDDED_POSTGRES } from '../support/test-server.ts';
import { drawSeed } from './dice.ts';
import { runChaos } from './run.ts';

/** With what comes before and after, a minute. */
const SECONDS = 25;

test.skipIf(!HAS_EMBEDDED_POSTGRES)(
  'a minute of chaos loses nothing, and does nothing twice',
  { timeout: patience(900_000) },
  async () => {
    const seed = drawSeed();
    process.stdout.write(`chaos: seed ${seed}\n`);
    const { executions, faults, violations, folder } = await runChaos({
      seed,
      seconds: SECONDS,
      stuckMs: patience(180_000),
    });
    expect(violations, `seed ${seed}; the evidence is in ${folder}`).toEqual([]);
    expect(executions).toBeGreaterThan(0);
    expect(Object.keys(faults)).not.toEqual([]);
  },
);
