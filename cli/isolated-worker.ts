import type { WorkerDatabases } from '../dev/server.ts';
import { startIsolatedProcess } from '../process/isolated-process.ts';
import type { IsolatedProcess } from '../worker/services/isolation.ts';
import { type Config, workerTimeoutMsOf } from './config.ts';

/** The option of `statehouse worker` by which it runs suspects and nothing else. */
export const ONLY_SUSPECTS = '--only-suspects';

/** One execution at a time: that needs few. */
const POOL_SIZE = 3;

/** Starts a worker for suspects, with this process's settings. */
export function isolatedWorker(
  config: Config,
  { databaseUrl, sqlTasksUrl }: WorkerDatabases,
): IsolatedProcess {
  return startIsolatedProcess({
    program: process.argv[1] as string,
    args: ['worker', ONLY_SUSPECTS],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      ...(sqlTasksUrl !== undefined && { STATEHOUSE_SQL_TASKS_URL: sqlTasksUrl }),
      STATEHOUSE_POOL_SIZE: String(POOL_SIZE),
      ...(config.STATEHOUSE_FUNCTIONS !== undefined && { STATEHOUSE_FUNCTIONS: config.STATEHOUSE_FUNCTIONS }),
    },
    timeoutMs: workerTimeoutMsOf(config),
  });
}
