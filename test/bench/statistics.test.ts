import { expect, test } from 'vitest';
import { percentile, summarise } from '../../bench/statistics.ts';

test('percentiles of values in any order', () => {
  const values = [40, 10, 30, 20];
  expect([0, 50, 100].map((percent) => percentile(values, percent))).toEqual([10, 25, 40]);
  expect(percentile([7], 95)).toBe(7);
  expect(
    percentile(
      Array.from({ length: 101 }, (_, i) => i),
      95,
    ),
  ).toBe(95);
});

test('a summary of runs', () => {
  expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, runs: 3 });
});
