/**
 * `npm run bench -- [--json FILE] [--quick] [--only NAME]`: measures the scenarios and prints a table. A figure is the
 * median of several runs after a warm-up; transitions are states entered; latency is measured idle, one at a time.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { printTable } from '../cli/terminal.ts';
import type { Scenario, Size } from './scenario.ts';
import { pass10 } from './scenarios/pass-10.ts';
import { task10 } from './scenarios/task-10.ts';
import { type BenchServer, startBenchServer } from './server.ts';
import { type Summary, summarise } from './statistics.ts';

const SCENARIOS: readonly Scenario[] = [pass10, task10];

const FULL: Size = { preloaded: 2000, oneAtATime: 200, runs: 5 };
const QUICK: Size = { preloaded: 500, oneAtATime: 50, runs: 3 };
const WARM_UP: Size = { preloaded: 500, oneAtATime: 50, runs: 1 };

type Summaries = Record<string, Summary>;

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: { json: { type: 'string' }, quick: { type: 'boolean' }, only: { type: 'string' } },
  });
  const chosen = SCENARIOS.filter(({ name }) => options.only === undefined || name === options.only);
  if (chosen.length === 0) {
    throw new Error(
      `--only ${options.only}: expected one of ${SCENARIOS.map(({ name }) => name).join(', ')}`,
    );
  }
  const server = await startBenchServer();
  try {
    console.log(
      `Node ${process.versions.node}, Postgres ${server.postgresVersion}, ${cpus().length} cores\n`,
    );
    const scenarios: Record<string, Summaries> = {};
    for (const scenario of chosen)
      scenarios[scenario.name] = await measure(scenario, server, options.quick ? QUICK : FULL);
    printSummaries(scenarios);
    if (options.json)
      writeFileSync(options.json, `${JSON.stringify({ scenarios, ratios: {} }, undefined, 2)}\n`);
  } finally {
    await server.close();
  }
}

async function measure(scenario: Scenario, server: BenchServer, size: Size): Promise<Summaries> {
  await scenario.run(server, WARM_UP);
  const values: Record<string, number[]> = {};
  for (let run = 0; run < size.runs; run++) {
    const measured = await scenario.run(server, size);
    for (const [metric, value] of Object.entries(measured)) {
      values[metric] ??= [];
      values[metric].push(value);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([metric, runs]) => [metric, summarise(runs)]));
}

function printSummaries(scenarios: Readonly<Record<string, Summaries>>): void {
  const rows = Object.entries(scenarios).flatMap(([scenario, summaries]) =>
    Object.entries(summaries).map(([metric, { median, min, max, runs }]) => [
      scenario,
      metric,
      figure(median),
      figure(min),
      figure(max),
      String(runs),
    ]),
  );
  printTable(['SCENARIO', 'METRIC', 'MEDIAN', 'MIN', 'MAX', 'RUNS'], rows);
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}

await main();
