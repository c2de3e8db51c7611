import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sequence } from './small-machines.ts';
import { attemptsOf, createWorld, functionArn, succeed, type World } from './world.ts';

/** All connections break, between a COMMIT and its answer as well as anywhere else. */
async function breakConnections(world: World): Promise<void> {
  await world.sql(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
}

test('connections that break under load cost no transition and no attempt', async () => {
  const world = await createWorld({ work: (call) => succeed(call.input.value) });
  await world.worker();
  const definition = sequence([
    ['p1', { Type: 'Pass' }],
    ['one', { Type: 'Task', Resource: functionArn('work') }],
    ['p2', { Type: 'Pass' }],
    ['two', { Type: 'Task', Resource: functionArn('work') }],
    ['three', { Type: 'Task', Resource: functionArn('work') }],
  ]);
  const executionIds = await Promise.all(
    Array.from({ length: 100 }, () => world.start(definition, { n: 1 })),
  );
  const closed = async () =>
    Number(
      (
        await world.sql<{ n: string }>(
          `select count(*) n from statehouse.executions where status <> 'RUNNING'`,
        )
      )[0]?.n,
    );
  for (let now = await closed(); now < executionIds.length; now = await vi.waitFor(closed)) {
    await breakConnections(world);
    await vi.waitFor(async () => expect(await closed()).toBeGreaterThan(now), {
      timeout: 30_000,
      interval: 20,
    });
  }
  for (const executionId of executionIds) {
    // The pool still holds connections that were broken last: a read is the caller's to repeat.
    const record = await vi.waitFor(() => world.record(executionId));
    expect(record.status).toBe('SUCCEEDED');
    const journal = await vi.waitFor(() => world.journal(executionId));
    expect(attemptsOf(journal).length).toBe(3);
    expect(journal.map(({ id }) => id)).toEqual(journal.map((_, index) => index + 1));
  }
  expect(world.tasks.received.length).toBe(300);
  expect(new Set(world.tasks.received).size).toBe(300);
});

test('the answer of a call that comes while the database is away is kept', async () => {
  const answer = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createWorld({ work: () => answer.promise });
  const worker = await world.worker();
  const executionId = await world.start(
    sequence([['work', { Type: 'Task', Resource: functionArn('work') }]]),
  );
  await world.tasks.called('work');
  const url = new URL(world.databaseUrl);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const elsewhere = new pg.Client({ connectionString: url.href });
  await elsewhere.connect();
  onTestFinished(() => elsewhere.end());
  await elsewhere.query(`alter database "${name}" with allow_connections false`);
  await elsewhere.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  answer.resolve(succeed('kept'));
  await expect(worker.services.heartbeat.runOnce()).rejects.toThrow();
  await elsewhere.query(`alter database "${name}" with allow_connections true`);
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"kept"' });
  expect(world.tasks.received.length).toBe(1);
});
