/**
 * `npm run simulate -- [--schedules N] [--seed S]`: plays schedules, one for each seed from S on, and checks what each has
 * left. At the first that violates anything it plays that again, keeps the trace and the evidence, and ends with code 1.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawSeed } from '../chaos/dice.ts';
import type { ScheduleReport } from './play.ts';
import { simulate } from './simulate.ts';

const SHOWN_MS = 10_000;

const { values } = parseArgs({
  options: { schedules: { type: 'string', default: '1000' }, seed: { type: 'string' } },
});
const schedules = Number(values.schedules);
const seed = values.seed === undefined ? drawSeed() : Number(values.seed);
if (!(schedules > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run simulate -- [--schedules N] [--seed S], with N above 0 and S a whole number');
  process.exit(2);
}

console.log(`seed ${seed}, ${schedules} schedules`);
const began = performance.now();
let shownAt = began;
let played = 0;
let happenings = 0;
let failed: ScheduleReport | undefined;
while (played < schedules && failed === undefined) {
  const report = await simulate(seed + played);
  played++;
  happenings += report.happenings;
  if (report.violations.length > 0) failed = report;
  if (performance.now() - shownAt < SHOWN_MS) continue;
  shownAt = performance.now();
  console.log(`${Math.round((shownAt - began) / 1000)} s: ${played} schedules`);
}
if (failed !== undefined) await show(failed);
const perMinute = Math.round((played * 60_000) / (performance.now() - began));
console.log(
  `${played} schedules (${perMinute} a minute), ${happenings} happenings, ${failed?.violations.length ?? 0} violations`,
);
process.exitCode = failed === undefined ? 0 : 1;

/** Plays it again, with everything that happens written down. */
async function show({ seed, hash, violations, evidence }: ScheduleReport): Promise<void> {
  for (const { rule, sentence } of violations) console.log(`${rule}: ${sentence}`);
  const folder = mkdtempSync(join(tmpdir(), `statehouse-simulation-${seed}-`));
  const trace: string[] = [];
  const again = await simulate(seed, { trace: (line) => trace.push(line) });
  writeFileSync(join(folder, 'trace.txt'), `${trace.join('\n')}\n`);
  writeFileSync(join(folder, 'evidence.json'), JSON.stringify(evidence, null, 2));
  writeFileSync(join(folder, 'violations.json'), JSON.stringify(violations, null, 2));
  console.log(
    `to repeat it: npm run simulate -- --schedules 1 --seed ${seed} (trace ${hash}${again.hash === hash ? '' : `, then ${again.hash}: not the same twice`})`,
  );
  console.log(`the evidence is in ${folder}`);
}
