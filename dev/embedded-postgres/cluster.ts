import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { ServerUser } from './server-user.ts';

export const SUPERUSER = 'postgres';

/**
 * Makes the cluster if it is not there yet. Made under another name and renamed, so that a kill in the middle
 * leaves nothing half made.
 *
 * Nobody else on this machine can connect, and no password is kept: there is no TCP, the socket's folder is
 * closed to other users, and the server asks the kernel who is on the other side (peer): only the server's own
 * user and we may be its superuser.
 */
export async function ensureCluster(binaries: string, data: string, user: ServerUser): Promise<void> {
  if (existsSync(join(data, 'PG_VERSION'))) return;
  const unfinished = `${data}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  chmodSync(unfinished, 0o700);
  chownSync(unfinished, user.uid, user.gid);
  await runAs(user, join(binaries, 'bin', 'initdb'), [
    ...['--pgdata', unfinished, '--username', SUPERUSER, '--auth', 'peer', '--encoding', 'UTF8'],
    ...['--locale', 'C', '--no-instructions'],
  ]);
  writeFileSync(join(unfinished, 'pg_hba.conf'), 'local all all peer map=statehouse\n');
  const names = new Set([user.name, userInfo().username]);
  const map = [...names].map((name) => `statehouse "${name}" ${SUPERUSER}\n`).join('');
  appendFileSync(join(unfinished, 'pg_ident.conf'), map);
  renameSync(unfinished, data);
}

/** Runs a program as the server's user. @throws Error with what it printed, when it fails */
function runAs(user: ServerUser, program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...identity(user), cwd: '/', env: SERVER_ENVIRONMENT });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => output.push(String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} failed (${code}): ${output.join('').trim()}`));
    });
  });
}

/** Nothing of ours: the server reads PG… variables. */
export const SERVER_ENVIRONMENT: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/** Spawn options that make a child run as the server's user. */
export function identity(user: ServerUser): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {};
}
