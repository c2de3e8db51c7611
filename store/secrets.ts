/** Secrets of this installation. They never change, so each is read once by a process. */
import { randomBytes } from 'node:crypto';
import type { Database } from './database.ts';
import type { SecretStore } from './secret.ts';

const SECRET_BYTES = 32;

export function secretStore(database: Database): SecretStore {
  const known = new Map<string, string>();
  return {
    async get(name) {
      const secret = known.get(name) ?? (await find(database, name)) ?? (await make(database, name));
      known.set(name, secret);
      return secret;
    },
  };
}

async function find(database: Database, name: string): Promise<string | undefined> {
  const row = await database
    .selectFrom('secrets')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
}

/** Two processes may do this at once: what the first one writes stands. */
async function make(database: Database, name: string): Promise<string> {
  const value = randomBytes(SECRET_BYTES).toString('base64url');
  await database
    .insertInto('secrets')
    .values({ name, value })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await find(database, name)) ?? value;
}
