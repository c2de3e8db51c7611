/** One Postgres server and one migrated database to copy, for all test files of a run. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../store/migrate.ts';
import { administer } from './administer.ts';
import { memoryFolder } from './memory-folder.ts';
import { setUpSqlTaskRole } from './sql-task-role.ts';
import { startTestServer } from './test-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server's maintenance database. */
    readonly serverUrl: string;
    /** Name of the migrated database that test databases are copied from. */
    readonly templateDatabase: string;
  }
}

/** Where Node keeps what it has compiled: the many processes that tests start need not compile it all again. */
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
  process.env.TMPDIR ??= memoryFolder() ?? tmpdir();
  const server = await startTestServer();
  try {
    const template = `statehouse_template_${randomBytes(4).toString('hex')}`;
    await administer(server.url, `create database ${template}`);
    const url = new URL(server.url);
    url.pathname = template;
    await migrate(url.href);
    await setUpSqlTaskRole(url.href);
    project.provide('serverUrl', server.url);
    project.provide('templateDatabase', template);
    return async () => {
      await administer(server.url, `drop database if exists ${template} with (force)`);
      await server.stop();
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
