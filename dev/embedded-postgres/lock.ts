import { rmSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';

/**
 * Takes a data folder for this process, for as long as it lives: it listens on a socket there. A socket whose
 * process is gone refuses connections, so a lock never outlives its holder.
 * @returns how to give the folder back
 * @throws Error when a living process has it
 */
export async function lockFolder(path: string, folder: string): Promise<() => Promise<void>> {
  const server = (await listen(path)) ?? (await takeOver(path));
  if (server === undefined)
    throw new Error(
      `Another Statehouse dev server is running on ${folder}: stop it, or choose another --data-dir`,
    );
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

async function takeOver(path: string): Promise<Server | undefined> {
  if (await isAlive(path)) return undefined;
  rmSync(path, { force: true });
  return listen(path);
}

/** Undefined: there is a socket already. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => resolve(server));
  });
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}
