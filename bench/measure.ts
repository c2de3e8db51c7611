import { type Report, ratioOf, summariseRuns } from './report.ts';
import type { Measured, Peer, Scenario, Size } from './scenario.ts';
import type { BenchServer } from './server.ts';

export interface Sizes {
  readonly warmUp: Size;
  readonly run: Size;
}

/**
 * Runs a scenario and its peers so many times, after a warm-up, and adds what they measure to the report. They take turns,
 * so that a machine that slows down slows all of them.
 */
export async function measure(
  scenario: Scenario,
  peers: readonly Peer[],
  server: BenchServer,
  sizes: Sizes,
  report: Report,
): Promise<void> {
  const contestants = [scenario, ...peers].map((contestant) => ({ contestant, runs: [] as Measured[] }));
  for (const { contestant } of contestants) await contestant.run(server, sizes.warmUp);
  const total = Math.min(sizes.run.runs, scenario.runsMax ?? sizes.run.runs);
  for (let run = 0; run < total; run++)
    for (const { contestant, runs } of contestants) runs.push(await contestant.run(server, sizes.run));

  const [ours = {}, ...theirs] = contestants.map(({ runs }) => summariseRuns(runs));
  report.scenarios[scenario.name] = ours;
  for (const [index, { name, compared }] of peers.entries()) {
    const their = theirs[index] ?? {};
    report.scenarios[`${scenario.name}/${name}`] = their;
    for (const metric of compared) report.ratios[`${metric.ratio}/${name}`] = ratioOf(metric, ours, their);
  }
}
