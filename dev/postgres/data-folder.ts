/** Where the data lives. */
import { accessSync, chmodSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Logger } from '../../telemetry/log.ts';
import { canReach, type ServerUser, serverUser } from './server-user.ts';
import { pathHash, temporaryPlace } from './temporary-place.ts';

export interface DataFolder {
  readonly path: string;
  /** PGDATA, in `path`. */
  readonly cluster: string;
  readonly user: ServerUser;
}

/**
 * The folder that was asked for; where Postgres's user cannot reach it, one in the temp directory named after it,
 * which the next start finds again.
 */
export function dataFolder(asked: string, logger: Logger): DataFolder {
  const path = resolve(asked);
  const folder = folderAt(path);
  const problem = prepare(folder);
  if (problem === undefined) return folder;

  const substitute = folderAt(join(temporaryPlace(folder.user), `data-${pathHash(path)}`));
  const failure = prepare(substitute);
  if (failure !== undefined) throw new Error(`No folder for Postgres's data: ${failure}`);
  logger.warn(`Postgres cannot use ${path} (${problem}): its data is in ${substitute.path}`);
  return substitute;
}

function folderAt(path: string): DataFolder {
  const cluster = join(path, 'postgres');
  return { path, cluster, user: serverUser(cluster) };
}

/** Answers what is wrong with the folder. */
function prepare({ path, user }: DataFolder): string | undefined {
  try {
    const made = mkdirSync(path, { recursive: true });
    // The server's user must pass through, whatever the umask, and needs no more: its cluster is its own.
    if (made !== undefined && user.ids) chmodSync(path, 0o711);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return canReach(user, path, 'execute') ? undefined : `user ${user.name} cannot reach it`;
}
