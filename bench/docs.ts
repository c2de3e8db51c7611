/** The tables of docs/performance.md, which are written by `npm run bench -- --docs` and by nobody else. */
import { barOf, RATIO_BARS } from './bars.ts';
import { figure, type Report } from './report.ts';

/** What a figure holds for. */
export interface Machine {
  readonly cores: number;
  readonly node: string;
  readonly postgres: string;
}

/**
 * The page with the figures of a report in it. What it holds of scenarios that have not been measured now stays.
 * @throws Error when the page has no place for them
 */
export function withFigures(page: string, report: Report, { cores, node, postgres }: Machine): string {
  const facts = `Node ${node}, Postgres ${postgres}, ${cores} cores.`;
  const figures = table(
    ['scenario', 'metric', 'median', 'range', 'bar'],
    rowsOf(page, 'figures'),
    Object.entries(report.scenarios).map(([scenario, summaries]) => ({
      scenario,
      rows: Object.entries(summaries).map(([metric, { median, min, max, runs }]) => [
        metric,
        figure(median),
        runs === 1 ? '' : `${figure(min)} – ${figure(max)}`,
        bar(scenario, metric),
      ]),
    })),
  );
  const ratios = table(
    ['ratio', 'times', 'bar'],
    rowsOf(page, 'ratios'),
    Object.entries(report.ratios).map(([scenario, ratio]) => ({
      scenario,
      rows: [
        [ratio.toFixed(1), RATIO_BARS[scenario] === undefined ? '' : `at least ${RATIO_BARS[scenario]}`],
      ],
    })),
  );
  return filled(filled(filled(page, 'machine', facts), 'figures', figures), 'ratios', ratios);
}

/** Layers with less are one row. */
const SMALLEST_SHARE = 0.01;

/** The page with a profile in it. @param layers seconds of each. @throws Error when the page has no place for it */
export function withProfile(
  page: string,
  layers: readonly (readonly [name: string, seconds: number])[],
): string {
  const total = layers.reduce((sum, [, seconds]) => sum + seconds, 0);
  const shares = layers.map(([name, seconds]) => ({ name, share: seconds / total }));
  const shown = shares.filter(({ share }) => share >= SMALLEST_SHARE);
  const rest = shown.reduce((left, { share }) => left - share, 1);
  const rows = [...shown, { name: 'all else', share: rest }].map(({ name, share }) => [
    name,
    `${(share * 100).toFixed(1)} %`,
  ]);
  return filled(page, 'profile', markdown([['layer', 'of its time'], ...rows]));
}

interface Rows {
  readonly scenario: string;
  /** Without their first cell. */
  readonly rows: readonly (readonly string[])[];
}

function table(head: readonly string[], known: readonly Rows[], measured: readonly Rows[]): string {
  const byScenario = new Map([...known, ...measured].map((group) => [group.scenario, group.rows]));
  const rows = [...byScenario].flatMap(([scenario, group]) =>
    group.map((cells) => [`\`${scenario}\``, ...cells]),
  );
  return markdown([head, ...rows]);
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What a table of the page holds. */
function rowsOf(page: string, name: string): Rows[] {
  const groups = new Map<string, string[][]>();
  for (const line of placeOf(page, name).text.split('\n').slice(2)) {
    const [scenario = '', ...cells] = line.slice(2, -2).split(' | ');
    const key = scenario.replaceAll('`', '');
    groups.set(key, [...(groups.get(key) ?? []), cells]);
  }
  return [...groups].map(([scenario, rows]) => ({ scenario, rows }));
}

function bar(scenario: string, metric: string): string {
  const { atLeast, atMost } = barOf(scenario, metric) ?? {};
  if (atLeast !== undefined) return `at least ${figure(atLeast)}`;
  return atMost === undefined ? '' : `at most ${atMost}`;
}

function filled(page: string, name: string, text: string): string {
  const { begin, end } = placeOf(page, name);
  return `${page.slice(0, begin)}${text}${page.slice(end)}`;
}

/** Between the markers `<!-- name -->` and `<!-- /name -->`, each on a line of its own. */
function placeOf(page: string, name: string): { begin: number; end: number; text: string } {
  const opening = `<!-- ${name} -->\n`;
  const begin = page.indexOf(opening) + opening.length;
  const end = page.indexOf(`\n<!-- /${name} -->`);
  if (begin < opening.length || end < begin) throw new Error(`The page has no place for the ${name}`);
  return { begin, end, text: page.slice(begin, end) };
}
