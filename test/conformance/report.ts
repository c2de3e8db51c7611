/**
 * `node test/conformance/report.ts RESULTS [PAGE]`: makes docs/conformance.md of what the runner wrote with `--json`.
 * Each case that fails must have its reason in reasons.json; one that has none, or a reason that no case needs, is an
 * error.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Results {
  readonly summary: Counts;
  readonly areas: Readonly<Record<string, Counts>>;
  readonly results: readonly { readonly id: string; readonly area: string; readonly status: string }[];
}

interface Reason {
  /** A regular expression over case ids. */
  readonly cases: string;
  readonly why: string;
}

const REASONS = fileURLToPath(new URL('reasons.json', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url));

const [resultsFile, pageFile = PAGE] = process.argv.slice(2);
if (resultsFile === undefined) {
  console.error('usage: node test/conformance/report.ts RESULTS [PAGE]');
  process.exit(2);
}
const results = JSON.parse(readFileSync(resultsFile, 'utf8')) as Results;
const reasons = JSON.parse(readFileSync(REASONS, 'utf8')) as Reason[];
const failures = explain(results, reasons);
writeFileSync(pageFile, page(results, failures));

/** Reason → ids of the cases that fail for it, in the order of the table. */
function explain({ results }: Results, reasons: readonly Reason[]): ReadonlyMap<string, readonly string[]> {
  const failed = results.filter(({ status }) => status === 'failed').map(({ id }) => id);
  const explained = new Map(
    reasons.map(({ cases, why }) => [why, failed.filter((id) => new RegExp(cases).test(id))]),
  );
  const known = new Set([...explained.values()].flat());
  const unknown = failed.filter((id) => !known.has(id));
  const idle = [...explained].filter(([, ids]) => ids.length === 0).map(([why]) => why);
  if (unknown.length + idle.length === 0) return explained;
  for (const id of unknown) console.error(`fails, and reasons.json does not say why: ${id}`);
  for (const why of idle) console.error(`no case fails any more for this reason: ${why}`);
  process.exit(1);
}

function page({ summary, areas }: Results, failures: ReadonlyMap<string, readonly string[]>): string {
  const rows = Object.entries(areas).map(([area, counts]) => row(area, counts));
  const sections = [...failures].map(
    ([why, ids]) => `${why}\n\n${ids.map((id) => `* \`${id.replace(/^[^:]*\//, '')}\``).join('\n')}`,
  );
  return `# Conformance

Cases recorded from AWS Step Functions, played against Statehouse: definitions, inputs and calls go in, and every
answer and every event of every history must be AWS's, text for text. Skipped are cases that need what is not built
yet: Distributed Map, and the integrations of AWS services other than Lambda.

This page is written by \`node test/conformance/report.ts\`, from what \`npm run conformance -- DIR --json FILE\` found.

| area | passed | failed | skipped | score |
|---|---:|---:|---:|---:|
${rows.join('\n')}
${row('**all**', summary)}

## What fails, and why

${sections.join('\n\n')}
`;
}

function row(area: string, { passed, failed, skipped }: Counts): string {
  const played = passed + failed;
  const score = played === 0 ? '' : `${((100 * passed) / played).toFixed(1)}%`;
  return `| ${area} | ${passed} | ${failed} | ${skipped} | ${score} |`;
}
