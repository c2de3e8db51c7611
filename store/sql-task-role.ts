import { sql } from 'kysely';
import pg from 'pg';
import type { Database } from './database.ts';
import type { SqlTaskProofs } from './sql-task-proofs.ts';
import type { SqlTaskSessions } from './sql-task-sessions.ts';

/**
 * Makes a role that may run SQL of definitions, unless it is there. It has no password: for servers that know their
 * users without.
 * @returns the URL that logs in as it
 * @throws Error when a role of that name may do more
 */
export async function ensureSqlTaskRole(databaseUrl: string, role: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
    if (rowCount === 0) await client.query(`create role ${client.escapeIdentifier(role)} login`);
    await client.query('select statehouse.allow_sql_tasks($1)', [role]);
  } finally {
    await client.end();
  }
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = '';
  return url.href;
}

/** Why SQL tasks cannot be served, and what to do; undefined: they can. */
export async function sqlTaskRoleProblem(
  sessions: SqlTaskSessions,
  database: Database,
  proofs: SqlTaskProofs,
): Promise<string | undefined> {
  try {
    return await sessions.alone((client) => problemOf(client, database, proofs));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function problemOf(
  client: pg.Client,
  database: Database,
  proofs: SqlTaskProofs,
): Promise<string | undefined> {
  const { rows } = await client.query<{ role: string }>('select session_user::text as role');
  const role = rows[0]?.role ?? '';
  const found = await sql<{ problem: string | null }>`
    select statehouse.sql_tasks_problem(${role}) as problem`.execute(database);
  const problem = found.rows[0]?.problem;
  if (problem) return `${problem}; SQL tasks need a role of their own (docs/sql-tasks.md)`;
  const nobody = { executionId: '0', epoch: 0, seq: 0 };
  const proof = await proofs.of('open', nobody);
  try {
    await client.query('select statehouse.open_sql_task($1, $2, $3)', [proof, 0, 0]);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return (
      `${error.message}; expected a connection to the database of DATABASE_URL, ` +
      `as a role that statehouse.allow_sql_tasks() has let in (docs/sql-tasks.md)`
    );
  }
}
