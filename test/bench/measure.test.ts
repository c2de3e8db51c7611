import { expect, test } from 'vitest';
import { measure } from '../../bench/measure.ts';
import type { Report } from '../../bench/report.ts';
import type { Measured, Peer, Size } from '../../bench/scenario.ts';
import type { BenchServer } from '../../bench/server.ts';

const SIZE: Size = { preloaded: 1, oneAtATime: 1, timers: 0, inMemorySeconds: 0, loadSeconds: 0, runs: 3 };
const SIZES = { warmUp: { ...SIZE, runs: 1 }, run: SIZE };
/** These scenarios ask for none. */
const NO_SERVER = {} as BenchServer;

/** Something that measures one value after the other, and notes in `turns` when it does. */
function contestant(name: string, turns: string[], values: readonly Measured[]) {
  let run = 0;
  return {
    name,
    run: async () => {
      turns.push(name);
      return values[run++] ?? {};
    },
  };
}

test('a scenario and its peer take turns, the first turn is a warm-up, and the report has the fixed shape', async () => {
  const turns: string[] = [];
  const ours = contestant('task-10', turns, [
    { executionsPerSecond: 1, latencyMsP50: 1000 },
    { executionsPerSecond: 300, latencyMsP50: 2 },
    { executionsPerSecond: 100, latencyMsP50: 4 },
    { executionsPerSecond: 200, latencyMsP50: 3 },
  ]);
  const theirs: Peer = {
    ...contestant('dbos', turns, [
      { executionsPerSecond: 1, latencyMsP50: 1 },
      { executionsPerSecond: 10, latencyMsP50: 6 },
      { executionsPerSecond: 10, latencyMsP50: 6 },
      { executionsPerSecond: 40, latencyMsP50: 9 },
    ]),
    scenario: 'task-10',
    compared: [
      { metric: 'executionsPerSecond', better: 'more', ratio: 'task-10' },
      { metric: 'latencyMsP50', better: 'less', ratio: 'task-10-latency' },
    ],
  };
  const report: Report = { scenarios: {}, ratios: {} };
  await measure(ours, [theirs], NO_SERVER, SIZES, report);
  expect(turns).toEqual(Array.from({ length: 4 }, () => ['task-10', 'dbos']).flat());
  expect(report).toEqual({
    scenarios: {
      'task-10': {
        executionsPerSecond: { median: 200, min: 100, max: 300, runs: 3 },
        latencyMsP50: { median: 3, min: 2, max: 4, runs: 3 },
      },
      'task-10/dbos': {
        executionsPerSecond: { median: 10, min: 10, max: 40, runs: 3 },
        latencyMsP50: { median: 6, min: 6, max: 9, runs: 3 },
      },
    },
    ratios: { 'task-10/dbos': 20, 'task-10-latency/dbos': 2 },
  });
});
