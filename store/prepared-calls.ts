import type pg from 'pg';

/**
 * Calls of functions of ours with nothing but parameters: no table is in them whose growth could make a plan bad. How many
 * there are is fixed by the program.
 */
const CALL = /^\s*select [\w.*, ]+ from (statehouse\.\w+)\([$\w\s,]*\)\s*$/;

/** By text. */
const names = new Map<string, string>();

/** Has Postgres parse and plan each call once in the session, instead of each time. */
export function prepareCalls(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
  const prepared = (text: unknown, values: unknown, ...rest: unknown[]): unknown => {
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
    return name === undefined ? query(text, values, ...rest) : query({ name, text, values }, ...rest);
  };
  Object.assign(client, { query: prepared });
}

/** It tells of the function, for those who look at sessions and at what is on the wire. */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  const [, called] = CALL.exec(text) ?? [];
  if (called === undefined) return undefined;
  const name = `${called} ${names.size + 1}`;
  names.set(text, name);
  return name;
}
