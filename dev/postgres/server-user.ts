/** The operating system's user that Postgres runs as: it refuses to run as root. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';

export interface ServerUser {
  readonly name: string;
  /** For chown and spawn; undefined: this process's own user. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
}

/** Users without rights of their own, the most fitting first. macOS has an underscore before such names. */
const UNPRIVILEGED_USERS = ['postgres', '_postgres', 'nobody'];

/**
 * Ourselves; for root, whoever owns the cluster already, else an unprivileged user.
 * @throws Error when no user will do
 */
export function serverUser(clusterFolder: string): ServerUser {
  if (process.getuid?.() !== 0) return { name: ownUserName(), ids: undefined };
  const owner = statSync(clusterFolder, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) {
    return { name: `${owner.uid}`, ids: { uid: owner.uid, gid: owner.gid } };
  }
  for (const name of UNPRIVILEGED_USERS) {
    const uid = idOf(name, '-u');
    const gid = idOf(name, '-g');
    if (uid !== undefined && gid !== undefined) return { name, ids: { uid, gid } };
  }
  throw new Error(
    `Postgres refuses to run as root, and there is no user ${UNPRIVILEGED_USERS.join(' or ')} to run it as. ` +
      'Create one, or set DATABASE_URL to a Postgres that is running.',
  );
}

/** @throws Error for a bare uid, as containers may have: neither initdb nor peer authentication know such a user */
export function ownUserName(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new Error(
      `The user id ${process.getuid?.()} has no name in /etc/passwd, which Postgres needs to start. ` +
        'Run as a user with a name, or set DATABASE_URL to a Postgres that is running.',
      { cause },
    );
  }
}

/** Asked of the kernel as that user: mode bits alone know nothing of ACLs, mounts and the folders above. */
export function canReach(user: ServerUser, path: string, right: 'execute' | 'read'): boolean {
  const flag = right === 'execute' ? '-x' : '-r';
  const { status, error } = spawnSync('/bin/sh', ['-c', `test ${flag} "$0"`, path], {
    ...user.ids,
    cwd: '/',
    stdio: 'ignore',
  });
  if (error) throw new Error(`Cannot run programs as user ${user.name}: ${error.message}`, { cause: error });
  return status === 0;
}

function idOf(name: string, flag: '-u' | '-g'): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}
