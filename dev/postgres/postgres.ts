/** Postgres without installing it: a server of our own for development, the demo and the tests. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../telemetry/log.ts';
import { postgresBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { dataFolder } from './data-folder.ts';
import { type HeldServer, holdServer } from './hold.ts';
import { databaseUrl, type Place, removeSocketFolder, socketFolder } from './place.ts';
import { stopPostmaster } from './postmaster.ts';

export interface EmbeddedPostgres {
  /** For pg, psql and the like: a Unix socket's folder stands where a host would. */
  readonly url: string;
  /** Where the data is: not the folder that was asked for if Postgres's user cannot reach that. */
  readonly dataDir: string;
  /** The server's process. It changes when the server had to be started again. */
  readonly pid: number;
  /** The server was running already: an earlier program was killed and left it behind. */
  readonly adopted: boolean;
  /** Stops the server, adopted or not, by a fast shutdown, and waits for its end. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Made if it is not there. */
  readonly dataDir: string;
  readonly logger: Logger;
}

const RESTART_PAUSE_MS = 1000;

/**
 * Starts Postgres on a data folder, or adopts the server that runs there already, and holds it: no second program
 * gets it while this one lives. A server that dies is started again, at the same address.
 * @throws Error when another program holds the folder, or saying why Postgres cannot start
 */
export async function startPostgres({ dataDir, logger }: PostgresOptions): Promise<EmbeddedPostgres> {
  const folder = dataFolder(dataDir, logger);
  const cluster = { folder: folder.cluster, user: folder.user, binaries: postgresBinaries(folder.user) };
  await ensureCluster(cluster);
  const place: Place = { cluster, dataDir: folder.path, socketFolder: socketFolder(cluster) };
  const supervisor = new Supervisor(place, await holdServer(place), logger);
  return {
    url: databaseUrl(place),
    dataDir: place.dataDir,
    get pid() {
      return supervisor.held.pid;
    },
    adopted: supervisor.held.adopted,
    stop: () => supervisor.stop(),
  };
}

/** Keeps a server running until it is stopped from here. */
class Supervisor {
  held: HeldServer;
  readonly #place: Place;
  readonly #logger: Logger;
  readonly #supervision: Promise<void>;
  #stopping = false;

  constructor(place: Place, held: HeldServer, logger: Logger) {
    this.#place = place;
    this.held = held;
    this.#logger = logger;
    this.#supervision = this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.held.session.close();
    await this.#supervision; // which may just have started the server again
    await this.held.session.close();
    await stopPostmaster(this.#place.cluster, this.held.pid);
    removeSocketFolder(this.#place);
  }

  async #supervise(): Promise<void> {
    await this.held.session.closed;
    while (!this.#stopping) {
      this.#logger.warn('lost Postgres: starting it again');
      await this.#holdAgain();
      // Who stops it meanwhile waits for this, and then closes the session that has just been opened.
      if (!this.#stopping) await this.held.session.closed;
    }
  }

  async #holdAgain(): Promise<void> {
    while (!this.#stopping) {
      try {
        this.held = await holdServer(this.#place);
        return;
      } catch (error) {
        this.#logger.error({ err: error }, 'Postgres cannot be started again');
        await sleep(RESTART_PAUSE_MS);
      }
    }
  }
}
