import { expect, test } from 'vitest';
import { NEXT_MIGRATION, newerMigrations } from '../support/newer-migrations.ts';

test.each([
  '-- Needs programs that know migration 0.',
  `-- Needs programs that know migration ${NEXT_MIGRATION + 1}.`,
  '-- needs programs that know migration 3',
])('does not guess whom a migration needs: %s', (line) => {
  expect(() => newerMigrations(line)).toThrow(/does not say whom it needs: -- needs/i);
});
