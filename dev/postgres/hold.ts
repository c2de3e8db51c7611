/** Taking a server for this program alone: the one that runs on the cluster, or a new one. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerSession } from '../../store/server-session.ts';
import { ROLE } from './cluster.ts';
import { databaseUrl, openSocketFolder, type Place } from './place.ts';
import { findPostmaster, type Postmaster, startPostmaster } from './postmaster.ts';

export interface HeldServer {
  /**
   * Has the server's advisory lock. The server frees it when this process is gone, however that came about; a lock
   * file would have to be judged stale or not by whoever comes next.
   */
  readonly session: ServerSession;
  readonly pid: number;
  readonly adopted: boolean;
}

const POLL_MS = 50;
/** Recovery after a crash may read gigabytes of write-ahead log. */
const START_TIMEOUT_MS = 300_000;

/** What a start may meet that passes: another process was faster, or processes of a killed server are still ending. */
const PASSING_FAILURE = /lock file "postmaster\.pid"|pre-existing shared memory block/;
const PASSING_TIMEOUT_MS = 15_000;

/** @throws Error when another program holds the server, or saying why Postgres cannot start */
export async function holdServer(place: Place): Promise<HeldServer> {
  const { session, pid, adopted } = await connect(place);
  try {
    await requireSameData(session, place);
    if (!(await session.lockServer())) throw new Error(await inUse(session, place));
    await session.ensureDatabase(ROLE);
    return { session, pid, adopted };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Starts the server if none runs, until one takes connections. */
async function connect(place: Place): Promise<HeldServer> {
  const begin = performance.now();
  const logFile = join(place.dataDir, 'postgres.log');
  const waited = () => performance.now() - begin;
  let started: Postmaster | undefined;
  while (waited() < START_TIMEOUT_MS) {
    const running = findPostmaster(place.cluster);
    if (running) {
      const session = await ServerSession.open(
        databaseUrl(place, 'postgres'),
        `statehouse, pid ${process.pid}`,
      );
      if (session) return { session, pid: running.pid, adopted: running.pid !== started?.pid };
    } else if (started === undefined || started.ended !== undefined) {
      if (started?.ended !== undefined) checkFailure(started.ended, logFile, waited());
      openSocketFolder(place);
      started = startPostmaster(place.cluster, place.socketFolder, logFile);
    }
    await sleep(POLL_MS);
  }
  throw new Error(`Postgres takes no connections after ${START_TIMEOUT_MS / 1000} s: see ${logFile}`);
}

/** @throws Error unless another try may succeed */
function checkFailure(how: string, logFile: string, waitedMs: number): void {
  const log = readFileSync(logFile, 'utf8').trim();
  if (PASSING_FAILURE.test(log) && waitedMs < PASSING_TIMEOUT_MS) return;
  throw new Error(`Postgres did not start, ${how}:\n${log}`);
}

async function requireSameData(session: ServerSession, { cluster, socketFolder }: Place): Promise<void> {
  const served = await session.dataDirectory();
  if (realpathSync(served) === realpathSync(cluster.folder)) return;
  throw new Error(`The Postgres at ${socketFolder} serves ${served}, not ${cluster.folder}: stop it.`);
}

async function inUse(session: ServerSession, { dataDir }: Place): Promise<string> {
  const holder = (await session.serverLockHolder()) ?? 'it has just ended';
  return (
    `The data folder ${dataDir} is in use by another Statehouse (${holder}). ` +
    'Stop that one first, or choose another folder with --data-dir.'
  );
}
