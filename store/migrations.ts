/** The migrations that a program brings: migrations/NNNN_name.sql, in the order of their numbers. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** Programs that do not know the migration of this number do not work with what this one makes; 0: all go on working. */
  readonly programsFrom: number;
}

const FOLDER = new URL('../migrations/', import.meta.url);

let cached: readonly Migration[] | undefined;

/** @throws Error when the numbers are not 1, 2, 3 …, or a migration does not say properly whom it needs */
export function readMigrations(): readonly Migration[] {
  cached ??= readdirSync(FOLDER)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file, index) => {
      const migration = migrationOf(file, readFileSync(new URL(file, FOLDER), 'utf8'));
      if (migration.number !== index + 1)
        throw new Error(`migrations/${file} should have number ${index + 1}`);
      return migration;
    });
  return cached;
}

/** @throws Error when it does not say properly whom it needs */
export function migrationOf(file: string, sql: string): Migration {
  const number = Number(file.slice(0, 4));
  const name = file.slice(0, -'.sql'.length);
  return { number, name, sql, programsFrom: programsFrom(number, name, sql) };
}

/** It has a line of its own for that: `-- Needs programs that know migration 27.` */
function programsFrom(number: number, name: string, sql: string): number {
  const line = /^-- needs programs.*$/im.exec(sql)?.[0];
  if (line === undefined) return 0;
  const needed = Number(/^-- Needs programs that know migration (\d+)\.$/.exec(line)?.[1] ?? 0);
  if (needed < 1 || needed > number)
    throw new Error(`migrations/${name}.sql does not say whom it needs: ${line}`);
  return needed;
}
