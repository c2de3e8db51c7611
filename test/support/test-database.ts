import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { administer } from './administer.ts';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of the test's own, empty; by default with the schema of this program. */
export async function createTestDatabase(from: 'migrated' | 'blank' = 'migrated'): Promise<TestDatabase> {
  const server = inject('serverUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  if (from === 'blank') await administer(server, `create database ${name} template template0`);
  else await copyTemplate(server, name);
  const url = new URL(server);
  url.pathname = name;
  return { url: url.href, drop: () => administer(server, `drop database if exists ${name} with (force)`) };
}

const RETRY_MS = 20;

async function copyTemplate(server: string, name: string): Promise<void> {
  for (;;) {
    try {
      return await administer(server, `create database ${name} template ${inject('templateDatabase')}`);
    } catch (error) {
      // object_in_use: autovacuum may be looking at the template
      if (!(error instanceof Error && 'code' in error && error.code === '55006')) throw error;
      await sleep(RETRY_MS);
    }
  }
}
