import { type Migration, migrationOf, readMigrations } from '../../store/migrations.ts';

/** The number that the first migration of the next version has. */
export const NEXT_MIGRATION = readMigrations().length + 1;

/** Those of this program, and what the next version brings on top. */
export function newerMigrations(...sql: readonly string[]): readonly Migration[] {
  const further = sql.map((text, index) =>
    migrationOf(`${String(NEXT_MIGRATION + index).padStart(4, '0')}_newer.sql`, text),
  );
  return [...readMigrations(), ...further];
}
