import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A migrated, empty database of the test's own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await copyTemplate(name);
  const url = new URL(inject('serverUrl'));
  url.pathname = name;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

async function copyTemplate(name: string): Promise<void> {
  for (;;) {
    try {
      return await administer(`create database ${name} template ${inject('templateDatabase')}`);
    } catch (error) {
      // Another file is copying it at this moment: object_in_use.
      if ((error as { code?: string }).code !== '55006') throw error;
      await sleep(20);
    }
  }
}

async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('serverUrl') });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
