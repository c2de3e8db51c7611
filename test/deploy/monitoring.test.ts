/** The dashboard and the alerts ask only for what `/metrics` serves. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readExposition } from '../support/metrics.ts';
import { exposeEverything } from '../support/metrics-catalogue.ts';
import { ROOT } from '../support/source-files.ts';

const read = (path: string) => readFileSync(join(ROOT, 'deploy', path), 'utf8');

const targets = z.array(z.object({ expr: z.string().min(1), legendFormat: z.string() }));
const dashboard = z.object({
  panels: z.array(
    z.object({ title: z.string(), type: z.enum(['row', 'stat', 'timeseries']), targets: targets.optional() }),
  ),
  templating: z.object({
    list: z.array(
      z.object({ name: z.string(), query: z.union([z.string(), z.object({ query: z.string() })]) }),
    ),
  }),
});

/** Labels of each series. */
let served: ReadonlyMap<string, ReadonlySet<string>>;
beforeAll(async () => {
  const labels = new Map<string, Set<string>>();
  for (const sample of readExposition(await exposeEverything())) {
    const known = labels.get(sample.name) ?? new Set(['instance', 'job']); // by Prometheus
    for (const label of Object.keys(sample.labels)) known.add(label);
    labels.set(sample.name, known);
  }
  served = labels;
});

/** Of PromQL: what is no metric although it looks like one. */
const WORDS = new Set(
  'sum max min avg count rate increase by without or and unless on offset bool le group_left group_right histogram_quantile min_over_time max_over_time vector'.split(
    ' ',
  ),
);

/** What is wrong with an expression. */
function faultsOf(expression: string): string[] {
  const metrics = new Set<string>();
  const asked = new Set<string>();
  const plain = expression
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\{([^}]*)\}/g, (_braces, selectors: string) => {
      for (const [, label = ''] of selectors.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)) asked.add(label);
      return '';
    })
    .replace(/\b(?:by|without)\s*\(([^)]*)\)/g, (_by, labels: string) => {
      for (const label of labels.split(',')) asked.add(label.trim());
      return '';
    });
  for (const [word] of plain.matchAll(/[A-Za-z_]\w*/g)) if (!WORDS.has(word)) metrics.add(word);
  if (metrics.size === 0) return [`no metric in ${expression}`];
  const unknown = [...metrics].filter((name) => !served.has(name));
  const missing = [...metrics].flatMap((name) =>
    [...asked]
      .filter((label) => served.has(name) && !served.get(name)?.has(label))
      .map((label) => `${name}: ${label}`),
  );
  return [...unknown, ...missing];
}

test('such faults are found', () => {
  expect(faultsOf('sum(rate(statehouse_executions_started_total[5m])) by (rpc_method)')).toEqual([
    'statehouse_executions_started_total: rpc_method',
  ]);
  expect(faultsOf('statehouse_executions_begun_total{job="a"} > 1')).toEqual([
    'statehouse_executions_begun_total',
  ]);
  expect(faultsOf('max(statehouse_installation_jobs{state="x"})')).toEqual([
    'statehouse_installation_jobs: state',
  ]);
});

describe('the dashboard', () => {
  const { panels, templating } = dashboard.parse(JSON.parse(read('grafana/statehouse-dashboard.json')));
  const graphs = panels.filter(({ type }) => type !== 'row');

  test('has panels, each with a question', () => {
    expect(graphs.length).toBeGreaterThan(20);
    for (const { title, targets: asked = [] } of graphs) expect(asked.length, title).toBeGreaterThan(0);
  });

  test('asks for what is served', () => {
    const faults = graphs.flatMap(({ title, targets: asked = [] }) =>
      asked.flatMap(({ expr }) => faultsOf(expr).map((fault) => `${title}: ${fault}`)),
    );
    expect(faults).toEqual([]);
  });

  test('names series by labels that its question keeps', () => {
    for (const { title, targets: asked = [] } of graphs)
      for (const { expr, legendFormat } of asked)
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          if (/\bby\b/.test(expr)) expect(expr, title).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`));
          else expect(label, title).toBe('instance');
  });

  test('lets state machines be chosen by a label that there is', () => {
    const queries = templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]));
    const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(queries[0] ?? '') ?? [];
    expect(served.get(metric)).toContain(label);
  });
});

describe('the alerts', () => {
  const rules = read('prometheus/alerts.yaml')
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((text) => ({
      name: text.split('\n', 1)[0] ?? '',
      expr: /^ {8}expr: (\S.*)$/m.exec(text)?.[1] ?? '',
      labels: /^ {8}labels: \{ severity: (?:warning|critical) \}$/m.test(text),
      summary: /^ {10}summary: (\S.*)$/m.exec(text)?.[1],
      runbook: /^ {10}runbook: (\S.*)$/m.exec(text)?.[1],
    }));

  test('each says what is wrong, how bad it is and what to do', () => {
    expect(rules.length).toBeGreaterThanOrEqual(10);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { name, labels, summary, runbook } of rules) {
      expect(name).toMatch(/^Statehouse\w+$/);
      expect({ labels, summary, runbook }, name).toEqual({
        labels: true,
        summary: expect.any(String),
        runbook: expect.any(String),
      });
    }
  });

  test('each asks for what is served, and shows labels that its question keeps', () => {
    for (const { name, expr, summary = '' } of rules) {
      expect(faultsOf(expr), name).toEqual([]);
      for (const [, label = ''] of summary.matchAll(/\$labels\.(\w+)/g))
        if (/\bby\b/.test(expr)) expect(expr, name).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`));
        else expect(label, name).toBe('instance');
    }
  });

  test('no text would be read as something else: YAML takes ": " and " #" for its own', () => {
    for (const { name, expr, summary = '', runbook = '' } of rules)
      for (const text of [expr, summary, runbook])
        if (!/^".*"$/.test(text)) expect(text, name).not.toMatch(/: | #|^[{[&*!|>'"%@`]/);
  });
});
