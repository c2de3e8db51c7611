/** Migrations run while an installation works: what a hot table is locked for must not last as long as the table is large. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Tables that grow with what is run. */
const HOT = [
  'executions',
  'journal',
  'execution_names',
  'mailbox',
  'task_tokens',
  'snapshots',
  'child_executions',
];

/** The newest migration that was written before these rules: nobody had a large database then. */
const BEFORE_RULES = 13;

const FOLDER = new URL('../../migrations/', import.meta.url);

/** What reads or rewrites a whole table while nobody else gets at it. */
const LASTING: Readonly<Record<string, RegExp>> = {
  // Concurrently would do, but not in the transaction that a migration is: whoever needs that changes store/migrate.ts.
  'makes an index': /^create (?:unique )?index \S+\s+on statehouse\.(\w+)/,
  'adds a constraint that is checked at once':
    /^alter table statehouse\.(\w+)[^;]*add (?:constraint|check|foreign key|unique|primary)(?![^;]*not valid)/,
  'changes the type of a column': /^alter table statehouse\.(\w+)[^;]*alter (?:column )?\w+ type/,
  'adds a column with a default that differs from row to row':
    /^alter table statehouse\.(\w+)[^;]*add column[^;]*(?:default (?:statehouse\.now|clock_timestamp|gen_random_uuid|random)|generated always)/,
  'checks that no row is null': /^alter table statehouse\.(\w+)[^;]*set not null/,
  'changes rows': /^(?:update|delete from|truncate) statehouse\.(\w+)/,
};

/** The statements of a migration, without the bodies of its functions. @param sql in the style of this folder */
function statementsOf(sql: string): string[] {
  const plain = sql
    .replaceAll(/\$(\w*)\$.*?\$\1\$/gs, '')
    .replaceAll(/--.*$/gm, '')
    .toLowerCase();
  return plain.split(';').map((statement) => statement.trim());
}

function faultsOf(sql: string): string[] {
  const statements = statementsOf(sql);
  const isNew = (table: string): boolean =>
    statements.some((statement) => statement.startsWith(`create table statehouse.${table} `));
  return statements.flatMap((statement) =>
    Object.entries(LASTING).flatMap(([what, pattern]) => {
      const table = pattern.exec(statement)?.[1];
      return table !== undefined && HOT.includes(table) && !isNew(table) ? [`${what}: ${table}`] : [];
    }),
  );
}

test('no migration locks a large table for longer than a moment', () => {
  const files = readdirSync(FOLDER).filter(
    (file) => /^\d{4}_/.test(file) && Number(file.slice(0, 4)) > BEFORE_RULES,
  );
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(faultsOf(readFileSync(new URL(file, FOLDER), 'utf8')), file).toEqual([]);
});

test.each([
  ['create index executions_x on statehouse.executions (name);', 1],
  ['create index x on statehouse.state_machines (name);', 0],
  ['create table statehouse.journal (id int); create index x on statehouse.journal (id);', 0],
  ['alter table statehouse.journal add constraint c check (seq > 0);', 1],
  ['alter table statehouse.journal add constraint c check (seq > 0) not valid;', 0],
  ['alter table statehouse.executions add column a int not null default 0;', 0],
  ['alter table statehouse.executions add column a timestamptz default clock_timestamp();', 1],
  ['alter table statehouse.executions alter column a set not null;', 1],
  ['alter table statehouse.executions alter column a type bigint;', 1],
  ['update statehouse.executions set a = 1;', 1],
  ['create function f() returns void language sql as $$ update statehouse.executions set a = 1; $$;', 0],
])('%s', (sql, faults) => {
  expect(faultsOf(sql)).toHaveLength(faults);
});
