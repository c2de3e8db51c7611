import { join, resolve } from 'node:path';
import type { Logger } from '../../telemetry/log.ts';
import { findBinaries } from './binaries.ts';
import { ensureCluster, SUPERUSER } from './cluster.ts';
import { openFolders } from './folders.ts';
import { lockFolder } from './lock.ts';
import { findServer, type ServerFolders, startServer, stopServer, waitForServer } from './postmaster.ts';
import { serverUser } from './server-user.ts';

export interface EmbeddedPostgres {
  /** For DATABASE_URL; through the server's socket. */
  readonly url: string;
  /** Where the cluster is. */
  readonly dataDir: string;
  readonly pid: number;
  /** The server was running already: left behind by a process that was killed. */
  readonly adopted: boolean;
  /** Shuts the server down and waits for it. */
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres server from npm's binaries, as root or as any user, or adopts the one that a killed
 * predecessor has left on the same data folder.
 * @throws Error when another living dev server has the data folder, or the server does not come up
 */
export async function startPostgres(options: {
  readonly dataDir: string;
  readonly logger: Logger;
}): Promise<EmbeddedPostgres> {
  const wanted = resolve(options.dataDir);
  const user = serverUser();
  const folders = openFolders(wanted, user);
  if (folders.root !== wanted)
    options.logger.info(
      `Postgres runs as ${user.name}, who cannot reach ${wanted}: its data is in ${folders.root}`,
    );
  const unlock = await lockFolder(folders.lock, wanted);
  try {
    const server: ServerFolders = {
      binaries: findBinaries(user),
      data: folders.data,
      socket: folders.socket,
      log: join(folders.root, 'postgres.log'),
    };
    await ensureCluster(server.binaries, folders.data, user);
    const found = findServer(folders.data);
    if (found !== undefined) await waitForServer(server, found);
    const pid = found ?? (await startServer(server, user));
    return {
      url: `postgresql://${SUPERUSER}@localhost/${SUPERUSER}?host=${encodeURIComponent(folders.socket)}`,
      dataDir: folders.data,
      pid,
      adopted: found !== undefined,
      stop: async () => {
        await stopServer(pid);
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
