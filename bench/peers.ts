/** The engines that ours is compared with. They live in bench/peers, with a lockfile of their own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const FOLDER = fileURLToPath(new URL('peers/', import.meta.url));

/** Installs what the lockfile says, unless that has been done; no package runs a script of its own. */
export async function installPeers(): Promise<void> {
  if (existsSync(new URL('peers/node_modules/', import.meta.url))) return;
  await promisify(execFile)('npm', ['ci', '--ignore-scripts'], { cwd: FOLDER });
}
