import pg from 'pg';
import { ensureSqlTaskRole } from '../../store/sql-task-role.ts';

// The one that the embedded server lets in.
const ROLE = 'statehouse_sql_tasks';

/** Makes the role that SQL of definitions is run as, on the server of the tests, and lets it into the database. */
export async function setUpSqlTaskRole(databaseUrl: string): Promise<void> {
  await ensureSqlTaskRole(databaseUrl, ROLE);
  const { password } = new URL(databaseUrl);
  if (password === '') return;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`alter role ${ROLE} password ${client.escapeLiteral(decodeURIComponent(password))}`);
  await client.end();
}

/** Logs in as that role. */
export function sqlTasksUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.username = ROLE;
  return url.href;
}
