/** What a run of the benchmark has measured, and how it is shown. */
import { printTable } from '../cli/terminal.ts';
import type { ComparedMetric, Measured } from './scenario.ts';
import { type Summary, summarise } from './statistics.ts';

export type Summaries = Readonly<Record<string, Summary>>;

/** The JSON of `npm run bench -- --json FILE`. */
export interface Report {
  /** By the scenario's name, or `<scenario>/<peer>`; then by the metric's. */
  readonly scenarios: Record<string, Summaries>;
  /** `<name>/<peer>`: how many times as well as the peer we do. */
  readonly ratios: Record<string, number>;
}

/** Each metric over all runs. */
export function summariseRuns(runs: readonly Measured[]): Summaries {
  const metrics = new Set(runs.flatMap((run) => Object.keys(run)));
  return Object.fromEntries(
    [...metrics].map((metric) => [
      metric,
      summarise(runs.map((run) => run[metric]).filter((value) => value !== undefined)),
    ]),
  );
}

/** How many times as well as the other one we do, by the medians. */
export function ratioOf({ metric, better }: ComparedMetric, ours: Summaries, theirs: Summaries): number {
  const our = ours[metric]?.median ?? Number.NaN;
  const their = theirs[metric]?.median ?? Number.NaN;
  return better === 'more' ? our / their : their / our;
}

export function printReport({ scenarios, ratios }: Report): void {
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

/** With no more digits than one reads. */
export function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}
