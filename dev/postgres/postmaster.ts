/** The server's main process: starting it, and finding one that an earlier program left behind. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, spawnOptions, writeAccessRules } from './cluster.ts';
import { serverSettings } from './settings.ts';

export interface RunningPostmaster {
  readonly pid: number;
  readonly socketFolder: string;
}

/** A server that this process has started. */
export interface Postmaster {
  readonly pid: number | undefined;
  /** Set once it is over: how it ended. */
  readonly ended: string | undefined;
}

/**
 * Every cluster has a socket folder of its own, so all can have the same port, which is just a part of the socket's
 * name.
 */
export const SOCKET_PORT = 5432;

const POLL_MS = 20;

/**
 * The server that runs on this cluster. Postgres itself sees that a postmaster.pid is stale when its process is gone,
 * but not when another program of its user has that number by now, as happens when containers start again: such a
 * file is removed. Should a server start between that look and the removal: Postgres also keys shared memory to the
 * folder, which keeps a second one out.
 */
export function findPostmaster(cluster: Cluster): RunningPostmaster | undefined {
  const file = postmasterFile(cluster);
  const noted = readPostmasterFile(file);
  if (noted === undefined || !isAlive(noted.pid)) return undefined;
  if (isServer(noted.pid, cluster)) return noted;
  rmSync(file, { force: true });
  return undefined;
}

/** Starts a server; it takes connections some time later, or ends. */
export function startPostmaster(cluster: Cluster, socketFolder: string, logFile: string): Postmaster {
  writeAccessRules(cluster);
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, 'w', 0o600);
  const settings = Object.entries(serverSettings(socketFolder));
  const args = ['-D', cluster.folder, '-p', String(SOCKET_PORT), ...settings.map(([k, v]) => `--${k}=${v}`)];
  const child = spawn(cluster.binaries.postgres, args, {
    ...spawnOptions(cluster.user),
    stdio: ['ignore', log, log],
    detached: true, // Ctrl-C in a terminal is for the program, which then stops Postgres last
  });
  closeSync(log);
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, signal) => {
    ended = `ended by ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  return {
    pid: child.pid,
    get ended() {
      return ended;
    },
  };
}

/** Fast shutdown: sessions are ended, all is written. Resolves when the process is over. */
export async function stopPostmaster(cluster: Cluster, pid: number): Promise<void> {
  if (!isAlive(pid) || !isServer(pid, cluster)) return;
  process.kill(pid, 'SIGINT');
  // Where nobody reaps orphans, the process of an adopted server stays as a zombie, without its command line.
  while (isAlive(pid) && isServer(pid, cluster)) await sleep(POLL_MS);
}

function postmasterFile(cluster: Cluster): string {
  return join(cluster.folder, 'postmaster.pid');
}

/** @see https://www.postgresql.org/docs/18/storage-file-layout.html and its source, pidfile.h, for the lines */
function readPostmasterFile(file: string): RunningPostmaster | undefined {
  if (!existsSync(file)) return undefined;
  const [pid, , , , socketFolder = ''] = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(pid), socketFolder };
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false; // the file has just been made
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** By its command line: Postgres leaves that of its main process as it was. */
function isServer(pid: number, cluster: Cluster): boolean {
  return commandLine(pid).includes(`-D ${cluster.folder} `);
}

/** Arguments with a space after each. */
function commandLine(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  if (process.platform === 'linux')
    return existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\0', ' ') : '';
  return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}
