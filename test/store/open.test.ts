import { expect, test } from 'vitest';
import { openCurrentStore } from '../../cli/current-store.ts';
import { openStore } from '../../store/open.ts';
import { appendTo, logger, useStore } from './fixture.ts';

const fixture = useStore();

test('check is content with a migrated database', async () => {
  expect(await fixture().store.check()).toBeUndefined();
});

test('check tells that the database does not answer', async () => {
  const url = new URL(fixture().url);
  url.pathname = 'no_such_database';
  const store = await openStore({ databaseUrl: url.href, poolSize: 2, logger });
  expect(await store.check()).toContain('the database does not answer');
  await store.close();
});

test('check does not wait for a database that says nothing', async () => {
  const store = await fixture().another({ timeouts: { readinessMs: 50 } });
  const session = await fixture().session();
  await session.query('begin');
  await session.query('lock table statehouse.migrations');
  expect(await store.check()).toBe('the database does not answer: No answer within 50 ms');
  await session.query('rollback');
  session.release();
});

test('who starts waits longer for it than who asks whether a process is ready', async () => {
  const timeouts = { readinessMs: 50 };
  const running = await fixture().another({ timeouts });
  const session = await fixture().session();
  await session.query('begin');
  await session.query('lock table statehouse.migrations');
  const starting = openCurrentStore({ databaseUrl: fixture().url, poolSize: 2, timeouts, logger });
  starting.catch(() => {}); // it may fail before it is awaited
  await fixture().untilBlockedBy(session);
  expect(await running.check()).toBe('the database does not answer: No answer within 50 ms');
  await session.query('rollback');
  session.release();
  const { store } = await starting;
  await store.close();
});

test('check tells that nothing can be written', async () => {
  const url = new URL(fixture().url);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  const store = await openStore({ databaseUrl: url.href, poolSize: 2, logger });
  expect(await store.check()).toBe('the database is read-only: a standby, or set to be');
  await store.close();
});

test('closing waits for what has been submitted, and then nothing is taken any more', async () => {
  const url = new URL(fixture().url);
  const store = await openStore({ databaseUrl: url.href, poolSize: 2, logger });
  const { claim } = await fixture().owned();
  const outcome = store.leases.append(appendTo(claim));
  await store.close();
  expect(await outcome).toBe('won');
  await expect(store.leases.append(appendTo(claim, { seq: 3 }))).rejects.toThrow();
});
