/** One Postgres server for all test files: DATABASE_URL, or one of our own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../dev/embedded-postgres/postgres.ts';
import { migrate } from '../../store/migrate.ts';
import { createLogger } from '../../telemetry/log.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server's maintenance database. */
    readonly serverUrl: string;
    /** Name of the migrated database that test databases are copied from. */
    readonly templateDatabase: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = process.env.DATABASE_URL ? outside(process.env.DATABASE_URL) : await ours();
  const template = `statehouse_template_${process.pid}`;
  await administer(server.url, `create database ${template}`);
  const url = new URL(server.url);
  url.pathname = template;
  await migrate(url.href);
  project.provide('serverUrl', server.url);
  project.provide('templateDatabase', template);
  return async () => {
    await administer(server.url, `drop database if exists ${template} with (force)`);
    await server.stop();
  };
}

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

function outside(url: string): Server {
  return { url, stop: async () => {} };
}

async function ours(): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statehouse-test-'));
  const postgres = await startPostgres({ dataDir, logger: createLogger('silent') });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
      rmSync(postgres.dataDir, { recursive: true, force: true });
    },
  };
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
