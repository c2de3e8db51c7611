import type { OpenedStore } from '../process/foundation.ts';
import { openStore, type StoreOptions } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { CommandError } from './command-error.ts';

/** Unlike whoever probes a process, one that starts can wait for a server that wakes up, is far away or has much to do. */
const START_MS = 15_000;

/** @throws CommandError saying what to do, when the database's schema is not this program's, or it does not answer */
export async function openCurrentStore(options: StoreOptions): Promise<OpenedStore> {
  const store = await openStore(options);
  const problem = (await store.check(START_MS)) ?? (await sqlTasksProblem(store));
  if (problem === undefined) return { store, databaseUrl: options.databaseUrl };
  await store.close();
  throw new CommandError(problem);
}

async function sqlTasksProblem(store: Store): Promise<string | undefined> {
  const problem = await store.sqlTasks?.check();
  return problem && `STATEHOUSE_SQL_TASKS_URL: ${problem}`;
}
