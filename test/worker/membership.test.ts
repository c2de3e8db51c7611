import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { task } from './small-machines.ts';
import { createWorld, succeed } from './world.ts';

test('a worker whose heartbeat is late takes no work until it is confirmed', async () => {
  const world = await createWorld({ work: () => succeed(1) });
  const clock = new ManualClock();
  const worker = await world.worker({ clock, workerTimeoutSeconds: 30 });
  const other = new pg.Client({ connectionString: world.databaseUrl });
  await other.connect();
  onTestFinished(() => other.end());
  // The heartbeat waits for this lock; a claim would not.
  await other.query('begin; select from statehouse.workers for no key update');
  const late = worker.services.heartbeat.runOnce();
  clock.advance(25_000);
  const executionId = await world.start(task('work'));
  await vi.waitFor(async () => {
    const [job] = await world.sql('select from graphile_worker._private_jobs where locked_at is not null');
    expect(job).toBeDefined();
  });
  expect((await world.journal(executionId)).length).toBe(1);
  await other.query('commit');
  await late;
  // The answer came, but it says how things were 25 seconds ago.
  expect((await world.journal(executionId)).length).toBe(1);
  await worker.services.heartbeat.runOnce();
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
});

test('a heartbeat that is not answered does not stand in the way of the next', async () => {
  const world = await createWorld();
  const clock = new ManualClock();
  const worker = await world.worker({ clock, workerTimeoutSeconds: 30 });
  const other = new pg.Client({ connectionString: world.databaseUrl });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query('begin; select from statehouse.workers for no key update');
  const stuck = worker.services.heartbeat.runOnce();
  clock.advance(31_000);
  await expect(stuck).rejects.toThrow('No answer within 30000 ms');
  await other.query('commit');
  await worker.services.heartbeat.runOnce();
});

test('leases that could not be given back go back with the next heartbeat', async () => {
  const world = await createWorld({ work: () => new Promise(() => {}) });
  const worker = await world.worker({ clock: new ManualClock(), workerTimeoutSeconds: 30 });
  const executionId = await world.start(task('work'));
  await world.tasks.called('work');
  // Others took it for dead, and when it notices, the database refuses what it does about that.
  await world.sql(
    'create function refuse() returns trigger language plpgsql as $$ begin raise exception $q$no$q$; end $$',
  );
  await world.sql(
    'create trigger refuse before update on statehouse.executions for each row execute function refuse()',
  );
  await world.sql('delete from statehouse.workers');
  await expect(worker.services.heartbeat.runOnce()).rejects.toThrow('no');
  await world.sql('drop trigger refuse on statehouse.executions');
  await worker.services.heartbeat.runOnce();
  expect(await world.ended(executionId)).toMatchObject({
    status: 'FAILED',
    error: 'Lambda.SdkClientException',
  });
});
