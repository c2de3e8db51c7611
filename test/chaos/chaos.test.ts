/**
 * A slice of chaos, from a fresh seed each time. `CHAOS_SECONDS=300 npx vitest run test/chaos/chaos.test.ts` makes a longer one;
 * `npm run chaos -- --minutes N --seed S` has the workflows and faults of the seed that a failure names.
 */
import { expect, test } from 'vitest';
import { HAS_EMBEDDED_POSTGRES } from '../support/test-server.ts';
import { drawSeed } from './dice.ts';
import { runChaos } from './run.ts';

const SECONDS = Number(process.env.CHAOS_SECONDS ?? 60);
/** After a fault an execution may rest for long; that something is stuck costs time only when it is. */
const STUCK_MS = 60_000;
const LONGEST_SECONDS = 8;
const seed = drawSeed();

test.runIf(HAS_EMBEDDED_POSTGRES)(
  `seed ${seed}: ${SECONDS} s of kills, pauses, cuts and restarts violate nothing`,
  async () => {
    const say = (line: string): void => void process.stdout.write(`chaos, seed ${seed}: ${line}\n`);
    const report = await runChaos({
      seed,
      seconds: SECONDS,
      longestSeconds: LONGEST_SECONDS,
      stuckMs: STUCK_MS,
      log: say,
    });
    say(`${report.executions} executions, ${JSON.stringify(report.faults)}`);
    expect(report.violations, `seed ${seed}; the evidence is in ${report.folder}`).toEqual([]);
    expect(report.transitions).toBeGreaterThan(0);
  },
  SECONDS * 1000 + 240_000,
);
