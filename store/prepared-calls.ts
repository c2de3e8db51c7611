import type pg from 'pg';

/**
 * Calls of functions of ours with nothing but parameters: no table is in them whose growth could make a plan bad. How many
 * there are is fixed by the program.
 */
const CALL = /^\s*select [\w.*, ]+ from (statehouse\.\w+)\([$\w\s,]*\)\s*$/;

/** By text; undefined: sent as it is. */
const names = new Map<string, string | undefined>();

type Query = (...parameters: unknown[]) => Promise<unknown>;

/** Has Postgres parse and plan each call once in the session, instead of each time. */
export function prepareCalls(client: pg.PoolClient): void {
  const query = client.query.bind(client) as Query;
  const prepared: Query = (text, values, ...rest) => {
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
    if (typeof text !== 'string' || name === undefined) return query(text, values, ...rest);
    return query({ name, text, values }, ...rest).catch((error: unknown) => {
      if (!isOutdated(error)) throw error;
      names.set(text, undefined);
      return query(text, values, ...rest);
    });
  };
  Object.assign(client, { query: prepared });
}

/** It tells of the function, for those who look at sessions and at what is on the wire. */
function nameOf(text: string): string | undefined {
  if (names.has(text)) return names.get(text);
  const [, called] = CALL.exec(text) ?? [];
  if (called === undefined) return undefined;
  const name = `${called} ${names.size + 1}`;
  names.set(text, name);
  return name;
}

/** A newer version's migration has given the function other columns. It has not been called then. */
function isOutdated(error: unknown): boolean {
  return error instanceof Error && error.message === 'cached plan must not change result type';
}
