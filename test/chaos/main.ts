/**
 * `npm run chaos -- [--minutes N] [--seed S] [--calm]`: runs executions while processes and connections die, and checks all that
 * is left. Exit code 1 on any violation; then the seed and the folder of the evidence are printed.
 */
import { parseArgs } from 'node:util';
import { drawSeed } from './dice.ts';
import { runChaos } from './run.ts';

/** Longer than an execution rests after a fault of ours. */
const STUCK_MS = 60_000;
const LONGEST_SECONDS = 40;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    calm: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? drawSeed() : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error(
    'usage: npm run chaos -- [--minutes N] [--seed S] [--calm], with N above 0 and S a whole number',
  );
  process.exit(2);
}

console.log(`seed ${seed}, ${minutes} minutes`);
const { executions, transitions, faults, takeoverMs, violations, folder } = await runChaos({
  seed,
  seconds: minutes * 60,
  longestSeconds: LONGEST_SECONDS,
  isCalm: values.calm,
  stuckMs: STUCK_MS,
  log: (line) => console.log(`${Math.round(performance.now() / 1000)} s: ${line}`),
});
for (const [what, count] of Object.entries(faults).sort()) console.log(`  ${what}: ${count}`);
if (takeoverMs.length > 0) {
  const sorted = takeoverMs.toSorted((a, b) => a - b);
  console.log(
    `  executions of ${sorted.length} killed workers were free after ${sorted[sorted.length >> 1]} ms (median), ${sorted.at(-1)} ms (longest)`,
  );
}
for (const { rule, sentence } of violations) console.log(`${rule}: ${sentence}`);
if (folder !== undefined) console.log(`seed ${seed}; the evidence is in ${folder}`);
const injected = Object.values(faults).reduce((sum, count) => sum + count, 0);
console.log(
  `${executions} executions, ${transitions} transitions, ${injected} faults, ${violations.length} violations`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
