/** The server process of a cluster: found by its data folder, started, watched and stopped. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identity, SERVER_ENVIRONMENT } from './cluster.ts';
import type { ServerUser } from './server-user.ts';

export interface ServerFolders {
  readonly binaries: string;
  readonly data: string;
  readonly socket: string;
  readonly log: string;
}

/** Recovery after a crash may have much to replay. */
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 30_000;
const POLL_MS = 20;

/** Children of a server that was killed take a moment to notice that it is gone. */
const PASSING_FAULT = /still in use|lock file .* already exists/;
const ATTEMPTS_MAX = 50;
const ATTEMPT_PAUSE_MS = 200;

/**
 * The pid of the server that runs on the data folder: left behind by a process that was killed. A pid file whose
 * server is gone, or whose pid is somebody else's by now, is removed.
 */
export function findServer(data: string): number | undefined {
  const pid = readPidFile(data)?.pid;
  if (pid === undefined) return undefined;
  if (isRunning(pid) && isServerOf(pid, data)) return pid;
  rmSync(join(data, 'postmaster.pid'), { force: true });
  return undefined;
}

/** Starts the server. @throws Error with the end of its log, when it does not come up */
export async function startServer(folders: ServerFolders, user: ServerUser): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const logged = statSync(folders.log, { throwIfNoEntry: false })?.size ?? 0;
    const pid = spawnServer(folders, user);
    if (await isReady(folders, pid)) return pid;
    const log = readFileSync(folders.log).subarray(logged).toString();
    if (attempt >= ATTEMPTS_MAX || !PASSING_FAULT.test(log))
      throw new Error(`Postgres did not start on ${folders.data}: ${log.trim().slice(-2000)}`);
    await sleep(ATTEMPT_PAUSE_MS);
  }
}

/** Waits until a server that is there answers. @throws Error when it does not */
export async function waitForServer(folders: ServerFolders, pid: number): Promise<void> {
  if (!(await isReady(folders, pid)))
    throw new Error(`Postgres (pid ${pid}) on ${folders.data} ended while starting`);
}

/** A fast shutdown: sessions are ended, everything is written. Resolves when the process is gone. */
export async function stopServer(pid: number): Promise<void> {
  if (!signal(pid, 'SIGINT')) return;
  for (const deadline = performance.now() + STOP_MS_MAX; isRunning(pid); await sleep(POLL_MS))
    if (performance.now() > deadline) signal(pid, 'SIGQUIT');
}

function spawnServer({ binaries, data, socket, log }: ServerFolders, user: ServerUser): number {
  const output = openSync(log, 'a', 0o600);
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    max_connections: '200',
    max_wal_size: '2GB',
    jit: 'off',
    timezone: 'UTC',
    // Tables fill in seconds here: statistics must keep up.
    autovacuum_naptime: '10s',
    log_min_messages: 'warning',
  };
  const child = spawn(
    join(binaries, 'bin', 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // In a process group of its own: Ctrl-C must not take the server down before its clients have drained.
    {
      ...identity(user),
      cwd: data,
      env: SERVER_ENVIRONMENT,
      detached: true,
      stdio: ['ignore', output, output],
    },
  );
  closeSync(output);
  child.on('error', () => {}); // seen by isReady: there is no pid
  child.unref();
  return child.pid ?? -1;
}

async function isReady({ data, socket }: ServerFolders, pid: number): Promise<boolean> {
  for (
    const deadline = performance.now() + START_MS_MAX;
    performance.now() < deadline;
    await sleep(POLL_MS)
  ) {
    if (pid < 0 || !isRunning(pid)) return false;
    const file = readPidFile(data);
    if (file?.pid === pid && file.status === 'ready' && (await accepts(join(socket, '.s.PGSQL.5432'))))
      return true;
  }
  return false;
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.on('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.on('error', () => resolve(false));
  });
}

/** @see https://www.postgresql.org/docs/current/storage-file-layout.html postmaster.pid */
function readPidFile(data: string): { pid: number; status: string | undefined } | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number.parseInt(lines[0] ?? '', 10);
    return Number.isInteger(pid) && pid > 0 ? { pid, status: lines[7]?.trim() } : undefined;
  } catch {
    return undefined;
  }
}

/** A server works in its data folder; where the system does not tell, its pid file is believed. */
function isServerOf(pid: number, data: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  if (!signal(pid, 0)) return false;
  if (process.platform !== 'linux') return true;
  try {
    // A zombie has ended: nobody has asked for its exit code yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
