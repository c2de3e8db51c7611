/** `statehouse doctor` and `statehouse recover`, as operators call them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { administer } from '../support/administer.ts';
import { runStatehouse } from '../support/run-statehouse.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('doctor tells all it finds, and its exit code says whether there is a problem', async () => {
  const sound = await runStatehouse(['doctor', '--json'], { DATABASE_URL: database.url });
  expect(sound).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(sound.stdout)).toMatchObject({
    findings: expect.arrayContaining([
      { check: 'schema', verdict: 'ok', says: 'as this version needs it' },
      expect.objectContaining({ check: 'authentication', verdict: 'warning' }),
    ]),
  });
  await administer(database.url, 'alter table statehouse.journal set (autovacuum_enabled = off)');
  const ill = await runStatehouse(['doctor'], { DATABASE_URL: database.url });
  expect(ill).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error: 1 of \d+ checks found a problem/),
  });
  expect(ill.stdout).toContain('✗ autovacuum: autovacuum leaves statehouse.journal alone');
});

test('recover refuses while a worker is alive, and says what it did', async () => {
  await administer(
    database.url,
    `insert into statehouse.workers (hostname, pid, version, heartbeat_at) values ('host', 7, '1', statehouse.now())`,
  );
  const refused = await runStatehouse(['recover'], { DATABASE_URL: database.url });
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('host (pid 7)') });
  const forced = await runStatehouse(['recover', '--force', '--json'], { DATABASE_URL: database.url });
  expect(forced.exitCode).toBe(0);
  expect(JSON.parse(forced.stdout)).toEqual({
    workers: 1,
    executions: 0,
    interrupted: 0,
    expressExecutions: 0,
    jobs: 0,
    openTokens: 0,
  });
});
