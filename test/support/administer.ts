import pg from 'pg';

/** Runs one statement over a connection of its own: on a server's databases, or while all else is down. */
export async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
