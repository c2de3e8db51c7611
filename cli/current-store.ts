import { openStore, type StoreOptions } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { CommandError } from './command-error.ts';

/** @throws CommandError saying what to do, when the database's schema is not this program's, or it does not answer */
export async function openCurrentStore(options: StoreOptions): Promise<Store> {
  const store = await openStore(options);
  const problem = await store.check();
  if (problem === undefined) return store;
  await store.close();
  throw new CommandError(problem);
}
