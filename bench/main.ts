/**
 * `npm run bench -- [--json FILE] [--quick] [--only NAME] [--peers]`: measures the scenarios and prints a table. A
 * figure is the median of several runs after a warm-up; transitions are states entered; latency is measured idle, one
 * at a time. A peer does the same work in turns with ours; a ratio is our median by theirs.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { printTable } from '../cli/terminal.ts';
import { installPeers } from './peers.ts';
import type { Peer, Scenario, Size } from './scenario.ts';
import { activityPollers } from './scenarios/activity-pollers.ts';
import { coreChoice, coreJsonata, coreMap, corePass10 } from './scenarios/core.ts';
import { awsLocalStepFunctions } from './scenarios/core-peer.ts';
import { expressAsync } from './scenarios/express-async.ts';
import { expressSync } from './scenarios/express-sync.ts';
import { fairShare } from './scenarios/fair-share.ts';
import { pass10 } from './scenarios/pass-10.ts';
import { task10 } from './scenarios/task-10.ts';
import { telemetryCost } from './scenarios/telemetry-cost.ts';
import { type BenchServer, startBenchServer } from './server.ts';
import { type Summary, summarise } from './statistics.ts';

const SCENARIOS: readonly Scenario[] = [
  pass10,
  task10,
  fairShare,
  activityPollers,
  expressSync,
  expressAsync,
  telemetryCost,
  corePass10,
  coreChoice,
  coreJsonata,
  coreMap,
];
const PEERS: readonly Peer[] = [awsLocalStepFunctions];

const FULL: Size = { preloaded: 2000, oneAtATime: 200, inMemorySeconds: 2, loadSeconds: 10, runs: 5 };
const QUICK: Size = { preloaded: 500, oneAtATime: 50, inMemorySeconds: 0.5, loadSeconds: 3, runs: 3 };
const WARM_UP: Size = { preloaded: 500, oneAtATime: 50, inMemorySeconds: 0.5, loadSeconds: 1, runs: 1 };

type Summaries = Record<string, Summary>;

interface Report {
  readonly scenarios: Record<string, Summaries>;
  /** `<scenario>/<peer>`: how many times as much as the peer we do. */
  readonly ratios: Record<string, number>;
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      json: { type: 'string' },
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
  try {
    console.log(
      `Node ${process.versions.node}, Postgres ${server.postgresVersion}, ${cpus().length} cores\n`,
    );
    const report: Report = { scenarios: {}, ratios: {} };
    for (const scenario of chosen) {
      const peers = options.peers ? PEERS.filter((peer) => peer.scenario === scenario.name) : [];
      await measure(scenario, peers, server, options.quick ? QUICK : FULL, report);
    }
    printReport(report);
    if (options.json) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  } finally {
    await server.close();
  }
}

/** Ours and theirs take turns, so that a machine that slows down slows both. */
async function measure(
  scenario: Scenario,
  peers: readonly Peer[],
  server: BenchServer,
  size: Size,
  report: Report,
): Promise<void> {
  await scenario.run(server, WARM_UP);
  for (const peer of peers) await peer.run(WARM_UP);
  const ours: Record<string, number[]> = {};
  const theirs = new Map(peers.map((peer) => [peer, [] as number[]]));
  for (let run = 0; run < size.runs; run++) {
    const measured = await scenario.run(server, size);
    for (const [metric, value] of Object.entries(measured)) {
      ours[metric] ??= [];
      ours[metric].push(value);
    }
    for (const [peer, values] of theirs) values.push(await peer.run(size));
  }
  const summaries = Object.fromEntries(
    Object.entries(ours).map(([metric, values]) => [metric, summarise(values)]),
  );
  report.scenarios[scenario.name] = summaries;
  for (const [{ name, metric }, values] of theirs) {
    const their = summarise(values);
    const key = `${scenario.name}/${name}`;
    report.scenarios[key] = { [metric]: their };
    report.ratios[key] = (summaries[metric]?.median ?? Number.NaN) / their.median;
  }
}

function printReport({ scenarios, ratios }: Report): void {
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
  for (const [name, ratio] of Object.entries(ratios)) console.log(`\n${name}: ${ratio.toFixed(1)} times`);
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}

await main();
