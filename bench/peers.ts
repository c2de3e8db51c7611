/** The engines that ours is compared with. They live in bench/peers, with a lockfile of their own. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const FOLDER = fileURLToPath(new URL('peers/', import.meta.url));

/** Installs what the lockfile says, unless that has been done; no package runs a script of its own. */
export async function installPeers(): Promise<void> {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  if (Object.keys(dependencies).every((name) => existsSync(join(FOLDER, 'node_modules', name)))) return;
  await promisify(execFile)('npm', ['ci', '--ignore-scripts'], { cwd: FOLDER });
}
