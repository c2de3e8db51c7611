import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

test('docs/postgres-sizing.md says of each index what it is for, and of no other', () => {
  const [, list = ''] = read('docs/postgres-sizing.md').split('## Indexes');
  const rows = [...list.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names = '']) => names.split(', '));
  const indexes = [...read('migrations/schema.sql').matchAll(/^CREATE (?:UNIQUE )?INDEX (\w+)/gm)];
  expect(rows.map((name) => name.replaceAll('`', '')).sort()).toEqual(indexes.map(([, name]) => name).sort());
});
