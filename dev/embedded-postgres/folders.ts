import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canReach, type ServerUser } from './server-user.ts';

/** Longest path of a Unix socket, on the strictest system (macOS). */
const SOCKET_PATH_MAX = 103;

export interface Folders {
  /** Holds `data`; ours. */
  readonly root: string;
  /** The cluster; the server's, closed to everybody else. */
  readonly data: string;
  /** Where the server's socket is; the server's, closed to everybody else. */
  readonly socket: string;
  /** The socket that the one dev server of this data folder listens on. */
  readonly lock: string;
}

/**
 * The folders for a data folder. Where the server's user cannot reach it, a folder in the temp directory stands in,
 * named by the path's hash so that it is found again next time; likewise for sockets whose path would be too long.
 */
export function openFolders(dataDir: string, user: ServerUser): Folders {
  openFolder(dataDir, process.getuid?.() ?? user.uid, 0o755);
  const substitute = join(
    tmpdir(),
    `statehouse-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`,
  );
  const root = canReach(user, join(dataDir, 'postgres')) ? dataDir : substitute;
  if (root === substitute) openFolder(root, process.getuid?.() ?? user.uid, 0o755);
  const data = join(root, 'postgres');
  const fits = join(data, '.s.PGSQL.5432.lock').length <= SOCKET_PATH_MAX;
  const socket = fits ? data : `${substitute}-socket`;
  if (!fits) openFolder(socket, user.uid, 0o700, user.gid);
  return { root, data, socket, lock: join(fits ? root : socket, 'dev.lock') };
}

/**
 * Makes a folder if it is not there. Modes are set, not asked for: the umask may say 077.
 * @throws Error when somebody else has made it: in the temp directory anybody could
 */
export function openFolder(path: string, uid: number, mode: number, gid?: number): void {
  const made = mkdirSync(path, { recursive: true }) !== undefined;
  if (made) {
    chmodSync(path, mode);
    if (gid !== undefined) chownSync(path, uid, gid);
  }
  const found = lstatSync(path);
  const ours = process.getuid?.();
  if (!found.isDirectory() || (found.uid !== uid && found.uid !== ours))
    throw new Error(
      `${path} belongs to somebody else (user id ${found.uid}): remove it, or choose another data folder`,
    );
}
