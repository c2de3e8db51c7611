/** Which folder may import what: docs/architecture.md, "Layout". The rules are here; the offending import is named. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf, ROOT, type SourceFile, sourceFiles, withoutComments } from './support/source-files.ts';

interface Folder {
  /** Folders of ours; itself goes without saying. Only folders that stand before it, so no cycle is possible. */
  readonly ours: readonly string[];
  readonly node: boolean;
  /** npm packages; `['pg', 'worker/queue.ts']` is allowed in that file only. */
  readonly packages: readonly (string | readonly [name: string, onlyIn: string])[];
}

const CORE = ['runtime', 'store', 'telemetry'];
const DRIVERS = [...CORE, 'integrations', 'express'];

const FOLDERS: Readonly<Record<string, Folder>> = {
  runtime: { ours: [], node: false, packages: ['jsonata', 'zod', '@noble/hashes'] },
  telemetry: { ours: ['runtime', 'package.json'], node: true, packages: ['pino', 'zod', '@opentelemetry'] },
  store: {
    ours: ['runtime', 'telemetry'],
    node: true,
    // The migrations of graphile-worker are run, and gated, together with ours.
    packages: ['pg', 'kysely', ['graphile-worker', 'store/migrate.ts']],
  },
  integrations: { ours: CORE, node: true, packages: ['zod', 'piscina', 'undici'] },
  // A driver runs effects, so it knows what a Task can reach, as the worker does.
  express: { ours: [...CORE, 'integrations'], node: true, packages: [] },
  worker: {
    ours: DRIVERS,
    node: true,
    // graphile-worker takes a pool of connections that is its own.
    packages: ['graphile-worker', ['pg', 'worker/queue.ts']],
  },
  api: { ours: DRIVERS, node: true, packages: ['fastify', 'zod'] },
  process: { ours: [...CORE, 'integrations'], node: true, packages: [] },
  importers: { ours: ['runtime'], node: true, packages: ['zod'] },
  dev: { ours: [...DRIVERS, 'worker', 'api', 'process'], node: true, packages: ['zod'] },
  cli: {
    ours: [...DRIVERS, 'worker', 'api', 'process', 'importers', 'dev', 'package.json'],
    node: true,
    packages: ['commander', 'yaml', 'zod'],
  },
};

/** May import anything, and nothing imports them. */
const OUTSIDE = ['test', 'bench', 'examples', 'deploy', ''];

/** runtime/ gets the time and randomness handed in, and does no I/O. `new Date(ms)` and Date.UTC are pure. */
const IMPURE = {
  'the clock':
    /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\()|(?<!new )\bDate\(|\bperformance\b|\bTemporal\.Now\b/,
  randomness: /\bMath\.random\b|\bcrypto\b(?!['"])/,
  timers: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
  'the process': /\bprocess\b\s*[.[]|\bglobalThis\b|\bconsole\b\s*\./,
  'I/O': /\bfetch\(|\brequire\(/,
};

const files = sourceFiles();

function violations(file: SourceFile): string[] {
  const rules = FOLDERS[file.folder];
  if (rules === undefined) {
    return OUTSIDE.includes(file.folder) ? [] : [`${file.path}: no rules for the folder ${file.folder}`];
  }
  return importsOf(file)
    .filter((target) => !isAllowed(file, rules, target))
    .map((target) => `${file.path} imports ${target}`);
}

function isAllowed(file: SourceFile, rules: Folder, target: string): boolean {
  if (target.startsWith('/')) {
    const folder = target.split('/')[1] ?? '';
    return folder === file.folder || rules.ours.includes(folder);
  }
  if (isBuiltin(target)) return rules.node && target.startsWith('node:');
  return rules.packages.some((allowed) => {
    const [name, onlyIn] = typeof allowed === 'string' ? [allowed, file.path] : allowed;
    return (target === name || target.startsWith(`${name}/`)) && onlyIn === file.path;
  });
}

test('all TypeScript files are read', () => {
  expect(files.length).toBeGreaterThan(0);
  if (!existsSync(join(ROOT, '.git'))) return;
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'];
  const known = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const read = known.filter(
    (path) => existsSync(join(ROOT, path)) && !/^(console|bench\/peers)\//.test(path),
  );
  expect(files.map(({ path }) => path).sort()).toEqual(read.sort());
});

test('each folder imports only what it may', () => {
  expect(files.flatMap(violations)).toEqual([]);
});

test('no folder is allowed one that stands after it, so that none can depend on each other', () => {
  const order = Object.keys(FOLDERS);
  for (const [folder, { ours }] of Object.entries(FOLDERS)) {
    const later = ours.filter((other) => order.indexOf(other) >= order.indexOf(folder));
    expect(later, folder).toEqual([]);
  }
});

test('runtime/ reads no clock, draws no random numbers and does no I/O', () => {
  const runtime = files.filter(({ folder }) => folder === 'runtime');
  expect(runtime.length).toBeGreaterThan(0);
  expect(runtime.flatMap(impurities)).toEqual([]);
});

function impurities({ path, text }: SourceFile): string[] {
  const code = withoutComments(text);
  return Object.entries(IMPURE).flatMap(([what, pattern]) => {
    const found = pattern.exec(code)?.[0];
    return found === undefined ? [] : [`${path} uses ${what}: ${found}`];
  });
}

describe('these rules would find', () => {
  const inFolder = (path: string, text: string): SourceFile => ({
    path,
    folder: path.slice(0, path.indexOf('/')),
    text,
  });

  test.each([
    ['api/a.ts', `import { worker } from '../worker/worker.ts';`, 'api/a.ts imports /worker/worker.ts'],
    [
      'runtime/a.ts',
      `import type { \n  A, \n } from '../store/store.ts';`,
      'runtime/a.ts imports /store/store.ts',
    ],
    ['runtime/a.ts', `import { hash } from 'node:crypto';`, 'runtime/a.ts imports node:crypto'],
    ['runtime/a.ts', `import jsonata from 'jsonata-evil';`, 'runtime/a.ts imports jsonata-evil'],
    ['api/a/b.ts', `export * from '../../test/support/a.ts';`, 'api/a/b.ts imports /test/support/a.ts'],
    ['worker/a.ts', `const pg = await import('pg');`, 'worker/a.ts imports pg'],
    ['store/a.ts', `import 'graphile-worker';`, 'store/a.ts imports graphile-worker'],
    ['api/a.ts', `import fs from 'fs';`, 'api/a.ts imports fs'],
    ['misc/a.ts', '', 'misc/a.ts: no rules for the folder misc'],
  ])('%s: %s', (path, text, expected) => {
    expect(violations(inFolder(path, text))).toEqual([expected]);
  });

  test.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Math.random()',
    'setTimeout(f, 1)',
    'process.env',
    'globalThis.x',
    `fetch('http://x')`,
    'crypto.randomUUID()',
  ])('%s in runtime/', (code) => {
    expect(impurities(inFolder('runtime/a.ts', `const x = ${code};`))).toHaveLength(1);
  });

  test.each(['new Date(ms)', 'Date.UTC(2026, 0)', 'Date.parse(text)', 'a.b // Date.now()'])(
    'nothing wrong with %s',
    (code) => {
      expect(impurities(inFolder('runtime/a.ts', `const x = ${code};`))).toEqual([]);
    },
  );
});
