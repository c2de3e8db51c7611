import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withFigures, withProfile } from '../../bench/docs.ts';
import type { Report } from '../../bench/report.ts';

const MACHINE = { cores: 2, node: '24.1.0', postgres: '18.4' };
const once = (median: number) => ({ median, min: median - 1, max: median + 1, runs: 3 });

function report(scenarios: Record<string, number>, ratios: Record<string, number> = {}): Report {
  const summaries = Object.entries(scenarios).map(([name, median]) => [
    name,
    { transitionsPerSecond: once(median) },
  ]);
  return { scenarios: Object.fromEntries(summaries), ratios };
}

const PAGE = `# Page
<!-- machine -->

<!-- /machine -->
Before.
<!-- figures -->

<!-- /figures -->
<!-- ratios -->

<!-- /ratios -->
After.
`;

test('figures stand beside their bars, and those of other scenarios stay', () => {
  const first = withFigures(
    PAGE,
    report({ 'pass-10': 40_000, other: 5 }, { 'task-10/dbos': 12.34 }),
    MACHINE,
  );
  expect(first).toBe(`# Page
<!-- machine -->
Node 24.1.0, Postgres 18.4, 2 cores.
<!-- /machine -->
Before.
<!-- figures -->
| scenario | metric | median | range | bar |
| --- | --- | --- | --- | --- |
| \`pass-10\` | transitionsPerSecond | 40,000 | 39,999 – 40,001 | at least 50,000 |
| \`other\` | transitionsPerSecond | 5.00 | 4.00 – 6.00 |  |
<!-- /figures -->
<!-- ratios -->
| ratio | times | bar |
| --- | --- | --- |
| \`task-10/dbos\` | 12.3 | at least 20 |
<!-- /ratios -->
After.
`);
  const second = withFigures(first, report({ 'pass-10': 60_000 }), MACHINE);
  expect(second).toBe(first.replace('40,000 | 39,999 – 40,001', '60,000 | 59,999 – 60,001'));
});

test('the page that is written has a place for all of it', () => {
  const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
  expect(withFigures(page, report({ 'pass-10': 40_000 }), MACHINE)).toContain('40,000');
  expect(() => withFigures('# Another page', report({}), MACHINE)).toThrow('no place');
  expect(withProfile(page, [['worker/', 1]])).toContain('| worker/ | 100.0 % |');
});

test('a profile is shares of layers, and the smallest are one', () => {
  const page = '<!-- profile -->\n\n<!-- /profile -->\n';
  const layers = [
    ['store/', 75],
    ['pg', 24],
    ['zod', 0.6],
    ['pino', 0.4],
  ] as const;
  expect(withProfile(page, layers)).toBe(`<!-- profile -->
| layer | of its time |
| --- | --- |
| store/ | 75.0 % |
| pg | 24.0 % |
| all else | 1.0 % |
<!-- /profile -->
`);
});
