/**
 * `npm run bench -- [--json FILE] [--quick] [--only NAME] [--peers]`: measures the scenarios and prints a table. A
 * figure is the median of several runs after a warm-up; transitions are states entered; latency is measured idle, one
 * at a time. A peer does the same work in turns with ours; a ratio is our median by theirs.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measure, type Sizes } from './measure.ts';
import { installPeers } from './peers.ts';
import { printReport, type Report } from './report.ts';
import type { Peer, Scenario } from './scenario.ts';
import { activityPollers } from './scenarios/activity-pollers.ts';
import { coreChoice, coreJsonata, coreMap, corePass10 } from './scenarios/core.ts';
import { awsLocalStepFunctions } from './scenarios/core-peer.ts';
import { dbos } from './scenarios/dbos-peer.ts';
import { expressAsync } from './scenarios/express-async.ts';
import { expressSync } from './scenarios/express-sync.ts';
import { fairShare } from './scenarios/fair-share.ts';
import { history25000 } from './scenarios/history-25000.ts';
import { lambdaHttp10 } from './scenarios/lambda-http-10.ts';
import { list1000000 } from './scenarios/list-1000000.ts';
import { parked1000000 } from './scenarios/parked-1000000.ts';
import { pass10 } from './scenarios/pass-10.ts';
import { startHttp } from './scenarios/start-http.ts';
import { task10, task10Drained } from './scenarios/task-10.ts';
import { telemetryCost } from './scenarios/telemetry-cost.ts';
import { startBenchServer } from './server.ts';

const SCENARIOS: readonly Scenario[] = [
  pass10,
  task10,
  task10Drained,
  lambdaHttp10,
  startHttp,
  fairShare,
  activityPollers,
  expressSync,
  expressAsync,
  telemetryCost,
  corePass10,
  coreChoice,
  coreJsonata,
  coreMap,
  history25000,
  list1000000,
  parked1000000,
];
const PEERS: readonly Peer[] = [dbos, awsLocalStepFunctions];

/** Warm-ups take the seconds that the compiler needs. */
const FULL: Sizes = {
  warmUp: { preloaded: 5000, oneAtATime: 50, inMemorySeconds: 0.5, loadSeconds: 3, runs: 1 },
  run: { preloaded: 10_000, oneAtATime: 200, inMemorySeconds: 2, loadSeconds: 10, runs: 5 },
};
const QUICK: Sizes = {
  warmUp: { preloaded: 2000, oneAtATime: 20, inMemorySeconds: 0.5, loadSeconds: 2, runs: 1 },
  run: { preloaded: 4000, oneAtATime: 50, inMemorySeconds: 0.5, loadSeconds: 2, runs: 3 },
};

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

await main();
