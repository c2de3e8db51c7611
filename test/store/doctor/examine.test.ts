/** The checks on a real server. */
import { expect, test } from 'vitest';
import { examineDatabase } from '../../../store/doctor/examine.ts';
import { useStore } from '../fixture.ts';

const fixture = useStore();

const examine = (options: { databaseUrl?: string; directDatabaseUrl?: string } = {}) =>
  examineDatabase({
    databaseUrl: fixture().url,
    directDatabaseUrl: undefined,
    poolSize: 10,
    workerTimeoutSeconds: 10,
    ...options,
  });

async function findings(): Promise<Record<string, string>> {
  return Object.fromEntries((await examine()).map(({ check, says }) => [check, says]));
}

test('a sound installation has no problem, and every check has looked at it', async () => {
  await fixture().worker();
  const found = await examine();
  expect(found.filter(({ verdict }) => verdict === 'problem')).toEqual([]);
  expect(found.length).toBeGreaterThan(15);
});

test('what is wrong is found', async () => {
  await fixture().started();
  await fixture().query(
    `update statehouse.workers set heartbeat_at = statehouse.now() - interval '1 minute'`,
  );
  await fixture().query(
    `update statehouse.executions set wake_at = statehouse.now() - interval '90 seconds'`,
  );
  await fixture().query('alter table statehouse.journal set (autovacuum_enabled = false)');
  await fixture().query(`update graphile_worker._private_jobs set attempts = max_attempts`);
  expect(await findings()).toMatchObject({
    workers: 'no worker is alive, 1 have died, and executions are open',
    'due executions': 'an execution has been due for 90 s, and no worker takes it',
    autovacuum: 'autovacuum leaves statehouse.journal alone',
    jobs: '1 of 1 jobs have failed for good',
  });
  await fixture().query(
    'delete from statehouse.migrations where number = (select max(number) from statehouse.migrations)',
  );
  expect((await findings()).schema).toMatch(/run "statehouse migrate"/);
});

test('a database that does not answer is the one problem that is told', async () => {
  const url = new URL(fixture().url);
  url.pathname = 'no_such_database';
  expect(await examine({ databaseUrl: url.href })).toMatchObject([
    { check: 'connection', verdict: 'problem', says: expect.stringContaining('no_such_database') },
  ]);
});

test('a check that cannot look says so, and the others go on', async () => {
  await fixture().query('drop schema graphile_worker cascade');
  const found = await examine();
  expect(found.find(({ check }) => check === 'jobs')).toMatchObject({
    verdict: 'problem',
    says: expect.stringContaining('could not be looked at'),
  });
  expect(found.find(({ check }) => check === 'transaction ids')?.verdict).toBe('ok');
});
