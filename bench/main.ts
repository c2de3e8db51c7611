/**
 * `npm run bench -- [--json FILE] [--docs] [--quick] [--only NAME] [--peers]`: measures the scenarios and prints a table
 * (docs/performance.md). A figure is the median of several runs after a warm-up; transitions are states entered; latency is
 * measured idle, one at a time. A peer does the same work in turns with ours; a ratio is ours by theirs, and for a latency
 * theirs by ours.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { withFigures } from './docs.ts';
import { WARM_UP_SECONDS } from './load.ts';
import { measure } from './measure.ts';
import { installPeers } from './peers.ts';
import { printReport, type Report } from './report.ts';
import type { Size } from './scenario.ts';
import { PEERS, SCENARIOS } from './scenarios.ts';
import { startBenchServer } from './server.ts';

const PAGE = new URL('../docs/performance.md', import.meta.url);

/** Takes the seconds that the compiler needs. */
const WARM_UP: Size = {
  preloaded: 5000,
  oneAtATime: 50,
  timers: 1000,
  inMemorySeconds: 0.5,
  loadSeconds: WARM_UP_SECONDS,
  runs: 1,
};
const FULL: Size = {
  preloaded: 10_000,
  oneAtATime: 200,
  timers: 100_000,
  inMemorySeconds: 2,
  loadSeconds: 10,
  runs: 5,
};
const QUICK: Size = {
  preloaded: 4000,
  oneAtATime: 50,
  timers: 4000,
  inMemorySeconds: 0.5,
  loadSeconds: 2,
  runs: 3,
};

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      json: { type: 'string' },
      docs: { type: 'boolean' },
      quick: { type: 'boolean' },
      only: { type: 'string' },
      peers: { type: 'boolean' },
    },
  });
  const chosen = SCENARIOS.filter(({ name }) => options.only === undefined || name === options.only);
  if (chosen.length === 0) {
    throw new Error(
      `--only ${options.only}: expected one of ${SCENARIOS.map(({ name }) => name).join(', ')}`,
    );
  }
  if (options.peers) await installPeers();
  const server = await startBenchServer();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void server.close().finally(() => process.exit(1)));
  try {
    const { postgresVersion: postgres } = server;
    const machine = { cores: cpus().length, node: process.versions.node, postgres };
    console.log(`Node ${machine.node}, Postgres ${machine.postgres}, ${machine.cores} cores\n`);
    const report: Report = { scenarios: {}, ratios: {} };
    for (const scenario of chosen) {
      console.log(scenario.name);
      const peers = options.peers ? PEERS.filter((peer) => peer.scenario === scenario.name) : [];
      await measure(scenario, peers, server, { warmUp: WARM_UP, run: options.quick ? QUICK : FULL }, report);
    }
    console.log();
    printReport(report);
    if (options.json) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
    if (options.docs) writeFileSync(PAGE, withFigures(readFileSync(PAGE, 'utf8'), report, machine));
  } finally {
    await server.close();
  }
}

await main();
