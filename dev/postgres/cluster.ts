/** The cluster: the folder of Postgres's own that holds the data, and who may connect to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { ownUserName, type ServerUser } from './server-user.ts';

export interface Cluster {
  /** PGDATA */
  readonly folder: string;
  readonly user: ServerUser;
  readonly binaries: Binaries;
}

/** The database superuser, and the database. */
export const ROLE = 'statehouse';
/** What SQL of definitions is run as (docs/sql-tasks.md). */
export const SQL_TASKS_ROLE = 'statehouse_sql_tasks';
/** The major version of the platform packages that package.json names. */
const POSTGRES_MAJOR = '18';

/**
 * Makes the cluster if there is none. It appears by a rename: another process that does the same at once, or a kill
 * in the middle, never leaves half a cluster.
 * @throws Error when the folder holds something else or another version's data, or initdb fails
 */
export async function ensureCluster(cluster: Cluster): Promise<void> {
  if (!existsSync(cluster.folder)) await createCluster(cluster);
  const version = readIfThere(join(cluster.folder, 'PG_VERSION'))?.trim();
  if (version === undefined) {
    throw new Error(
      `${cluster.folder} exists and holds no Postgres data: remove it or choose another data folder.`,
    );
  }
  if (version !== POSTGRES_MAJOR) {
    throw new Error(
      `${cluster.folder} was made by Postgres ${version}, this program brings ${POSTGRES_MAJOR}: ` +
        'choose another data folder, or move the data with pg_dump.',
    );
  }
}

/**
 * Who may connect: the user who runs this program, and root, who could anyway; only through the Unix socket, there is
 * no TCP port. The kernel vouches for them (peer authentication), so there is no password that could be read from a
 * disk, a process list or an environment, and none to find again when a running server is adopted. The user that root
 * runs Postgres as may not connect: others may be running as `nobody` too.
 */
export function writeAccessRules({ folder, user }: Cluster): void {
  const names = new Set(['root', ownUserName()]);
  const rules = {
    'pg_hba.conf': `local all ${ROLE},${SQL_TASKS_ROLE} peer map=${ROLE}\n`,
    'pg_ident.conf': [...names]
      .flatMap((name) => [ROLE, SQL_TASKS_ROLE].map((role) => `${ROLE} "${name}" ${role}\n`))
      .join(''),
  };
  for (const [name, text] of Object.entries(rules)) {
    const path = join(folder, name);
    writeFileSync(path, text);
    own(path, user, 0o600);
  }
}

/** Gives a file or folder to the server's user, with exactly this mode. */
export function own(path: string, user: ServerUser, mode: number): void {
  chmodSync(path, mode);
  if (user.ids) chownSync(path, user.ids.uid, user.ids.gid);
}

async function createCluster({ folder, user, binaries }: Cluster): Promise<void> {
  const unfinished = `${basename(folder)}.new-`;
  const parent = dirname(folder);
  const made = mkdtempSync(join(parent, unfinished));
  own(made, user, 0o700);
  const failure = await runInitdb(binaries.initdb, made, user);
  if (failure === undefined) renameUnlessThere(made, folder);
  // Also what was left by a process that was killed here.
  for (const name of readdirSync(parent).filter((name) => name.startsWith(unfinished))) {
    rmSync(join(parent, name), { recursive: true, force: true });
  }
  // A process that was faster may have removed what this one was still making.
  if (failure !== undefined && !existsSync(folder)) throw new Error(`initdb failed: ${failure}`);
}

/** Answers what it printed when it failed. */
async function runInitdb(initdb: string, folder: string, user: ServerUser): Promise<string | undefined> {
  const args = ['-D', folder, '-U', ROLE, '-A', 'peer', '-E', 'UTF8', '--no-locale', '--no-instructions'];
  const child = spawn(initdb, args, { ...spawnOptions(user), stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = await once(child, 'close');
  return code === 0 ? undefined : Buffer.concat(output).toString('utf8');
}

/** Postgres's programs get none of our environment (PG… variables would change what they do) nor our folder. */
export function spawnOptions(user: ServerUser): {
  cwd: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
} {
  return { cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }, ...user.ids };
}

function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    return;
  }
  const parent = openSync(dirname(to), 'r');
  fsyncSync(parent); // or a power cut could take the name away, and all the data with it
  closeSync(parent);
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
