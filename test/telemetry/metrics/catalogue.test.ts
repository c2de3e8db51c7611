import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readExposition } from '../../support/metrics.ts';
import {
  exposeEverything,
  INSTRUMENTS,
  metricsTables,
  prometheusNames,
} from '../../support/metrics-catalogue.ts';
import { ROOT } from '../../support/source-files.ts';

test('every instrument has a name of its own for Prometheus, which ends with its unit', async () => {
  const names = await prometheusNames();
  expect(new Set(names.values()).size).toBe(INSTRUMENTS.length);
  for (const [name, { kind, unit }] of INSTRUMENTS) {
    const suffix = { s: '_seconds', By: '_bytes', 1: '_ratio' }[unit] ?? '';
    const total = kind === 'counter' || kind === 'observedCounter' ? '_total' : '';
    expect(names.get(name)).toBe(`${name.replaceAll('.', '_')}${suffix}${total}`);
  }
});

test('what is served can be read, with nothing but the labels that the catalogue tells', async () => {
  const declared = new Set(
    INSTRUMENTS.flatMap(([, { attributes }]) => attributes).map((name) => name.replaceAll('.', '_')),
  );
  for (const { name, labels } of readExposition(await exposeEverything())) {
    if (name === 'target_info') continue;
    for (const label of Object.keys(labels)) if (label !== 'le') expect(declared, name).toContain(label);
  }
});

test('docs/metrics.md has the tables of the catalogue', async () => {
  const docs = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
  for (const [name, text] of Object.entries(await metricsTables())) expect(docs, name).toContain(text);
});
