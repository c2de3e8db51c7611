/** A new cluster to copy: making one takes initdb seconds. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { postgresBinaries } from '../../dev/postgres/binaries.ts';
import { ensureCluster } from '../../dev/postgres/cluster.ts';
import { dataFolder } from '../../dev/postgres/data-folder.ts';
import type { Logger } from '../../telemetry/log.ts';

/** Where the copy is, for all processes of a test run. */
const VARIABLE = 'STATEHOUSE_TEST_CLUSTER';

/** Makes a cluster in a data folder, and a copy of it beside. */
export async function makeFreshCluster(dataDir: string, logger: Logger): Promise<void> {
  const { cluster, path, user } = dataFolder(dataDir, logger);
  await ensureCluster({ folder: cluster, user, binaries: postgresBinaries(user) });
  const fresh = join(path, 'fresh-cluster');
  copy(cluster, fresh);
  process.env[VARIABLE] = fresh;
}

/** Gives a data folder a new cluster, unless it has one, or there is none to copy: then who starts Postgres there makes it. */
export function copyFreshCluster(dataDir: string): void {
  const fresh = process.env[VARIABLE];
  const cluster = join(dataDir, 'postgres');
  if (fresh === undefined || existsSync(cluster)) return;
  mkdirSync(dataDir, { recursive: true });
  copy(fresh, cluster);
}

/** With its owner: as root, the server's user is another one. */
function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
