/** Where one embedded server is found: its cluster, its log, its socket. */
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Cluster, own, ROLE } from './cluster.ts';
import { findPostmaster, SOCKET_PORT } from './postmaster.ts';
import { pathHash, temporaryPlace } from './temporary-place.ts';

export interface Place {
  readonly cluster: Cluster;
  /** Holds the cluster and the server's log. */
  readonly dataDir: string;
  readonly socketFolder: string;
}

/**
 * The folder of the cluster's socket: the same each time, so that the address stays, and in the temp directory because a
 * socket's path must be short. A server that was left behind may have been started under another temp directory.
 * @throws Error when a server runs on the cluster that was not started here
 */
export function socketFolder(cluster: Cluster): string {
  const name = `socket-${pathHash(cluster.folder)}`;
  const running = findPostmaster(cluster)?.socketFolder;
  if (!running) return join(temporaryPlace(cluster.user), name);
  if (basename(running) === name) return running;
  throw new Error(
    `A Postgres that Statehouse did not start runs on ${cluster.folder}, with its socket in ${running}: stop it.`,
  );
}

/** Makes the folder ready for a new server; closed to all but its user (and root). */
export function openSocketFolder({ cluster, socketFolder }: Place): void {
  mkdirSync(socketFolder, { recursive: true });
  own(socketFolder, cluster.user, 0o700);
  // A killed server's. Postgres takes the socket for used if a process has that server's number, even as a zombie.
  const socket = join(socketFolder, `.s.PGSQL.${SOCKET_PORT}`);
  for (const path of [socket, `${socket}.lock`]) rmSync(path, { force: true });
}

/** Once the server is over. */
export function removeSocketFolder({ socketFolder }: Place): void {
  rmSync(socketFolder, { recursive: true, force: true });
}

/**
 * libpq and pg read a host that is given as a parameter as the socket's folder; the host in front of it stays unused.
 * @see https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function databaseUrl({ socketFolder }: Place, database: string = ROLE): string {
  return `postgresql://${ROLE}@localhost:${SOCKET_PORT}/${database}?host=${encodeURIComponent(socketFolder)}`;
}
