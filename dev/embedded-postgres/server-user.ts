import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** Whom the Postgres server runs as: it refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Ourselves; for root, an account that has no rights. @throws Error when root finds no such account */
export function serverUser(): ServerUser {
  const { username: name, uid, gid } = userInfo();
  if (uid !== 0) return { name, uid, gid };
  const account = accountOf('postgres') ?? accountOf('nobody');
  if (account === undefined)
    throw new Error(
      'Postgres does not run as root, and there is no user "postgres" or "nobody" to run it as',
    );
  return account;
}

function accountOf(name: string): ServerUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) };
}

/** Whether the user can pass through every folder above a path. */
export function canReach(user: ServerUser, path: string): boolean {
  const folder = dirname(path);
  const { uid, gid, mode } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  return (mode & bit) !== 0 && (folder === path || dirname(folder) === folder || canReach(user, folder));
}
