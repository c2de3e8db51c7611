import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { type Clock, systemClock } from '../../telemetry/clock.ts';
import { Queue } from '../../worker/queue.ts';
import { task } from './small-machines.ts';
import { createWorld, succeed } from './world.ts';

test('a job runner that ends is replaced', async () => {
  const world = await createWorld({ work: () => succeed(1) });
  await world.worker();
  const [first] = await vi.waitUntil(async () => listeners());
  // Completing a job fails: that ends graphile's runner, and nothing is called back.
  await world.sql(
    'create function refuse() returns trigger language plpgsql as $$ begin raise exception $q$no$q$; end $$',
  );
  await world.sql(
    'create trigger refuse before delete on graphile_worker._private_jobs for each row execute function refuse()',
  );
  const before = await world.start(task('work'));
  expect((await world.ended(before)).status).toBe('SUCCEEDED');
  await vi.waitFor(async () => expect(await listeners()).not.toContain(first), { timeout: 20_000 });
  await world.sql('drop trigger refuse on graphile_worker._private_jobs');
  const after = await world.start(task('work'));
  expect((await world.ended(after)).status).toBe('SUCCEEDED');

  /** Connections that listen for jobs. */
  async function listeners(): Promise<number[]> {
    const rows = await world.sql<{ pid: number }>(`select pid from pg_stat_activity
      where datname = current_database() and query like 'LISTEN "jobs:insert"%'`);
    return rows.map(({ pid }) => pid);
  }
});

test('a job runner that cannot read its tasks at first does not count as running', async () => {
  const world = await createWorld({ work: () => succeed(1) });
  await world.sql(
    'create function refuse() returns trigger language plpgsql as $$ begin raise exception $q$no$q$; end $$',
  );
  await world.sql(
    'create trigger refuse before insert on graphile_worker._private_tasks for each row execute function refuse()',
  );
  const hurried: Clock = { ...systemClock, after: (delayMs, run) => systemClock.after(delayMs / 50, run) };
  await expect(world.worker({ clock: hurried })).rejects.toThrow('No answer within');
  await world.sql('drop trigger refuse on graphile_worker._private_tasks');
  await world.worker();
  const executionId = await world.start(task('work'));
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
});

test('a job that names no execution is taken for what it is', async () => {
  const world = await createWorld({ work: () => succeed(1) });
  await world.worker();
  await world.sql(`select graphile_worker.add_job('advance', '{"executionId": 7}')`);
  await world.sql(`select graphile_worker.add_job('advance', '[]')`);
  await world.sql(`select graphile_worker.add_job('advance', '{"executionId": "999999"}')`);
  await vi.waitFor(
    async () => expect(await world.sql('select from graphile_worker._private_jobs')).toEqual([]),
    {
      timeout: 10_000,
    },
  );
  const executionId = await world.start(task('work'));
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
});

test('a queue that is stopped gives back what it has not begun, and finds no fault with that', async () => {
  const world = await createWorld();
  await world.sql(`select graphile_worker.add_job('advance', json_build_object('executionId', n::text))
    from generate_series(1, 5) as n`);
  const warn = vi.fn();
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const queue = new Queue({
    databaseUrl: world.databaseUrl,
    concurrency: 1,
    advance: () => {
      begun.resolve();
      return finish.promise;
    },
    clock: systemClock,
    logger: Object.assign(pino({ level: 'silent' }), { warn, error: warn }),
  });
  await queue.start();
  await begun.promise;
  const stopped = queue.stop();
  finish.resolve();
  await stopped;
  const jobs = await world.sql('select locked_by, attempts from graphile_worker._private_jobs');
  expect(jobs).toEqual(Array.from({ length: 4 }, () => ({ locked_by: null, attempts: 0 })));
  expect(warn.mock.calls).toEqual([]);
});

test('jobs that a killed runner has taken do not stay', async () => {
  const world = await createWorld();
  const worker = await world.worker({ workerTimeoutSeconds: 10 });
  // In an hour, so that no runner takes them by itself.
  await world.sql(`select graphile_worker.add_job('advance', json_build_object('executionId', n::text),
    run_at => now() + interval '1 hour') from generate_series(1, 3) as n`);
  await world.sql(`update graphile_worker._private_jobs
    set locked_by = 'gone', locked_at = now() - (payload->>'executionId')::int * interval '20 seconds'`);
  await worker.services.abandonedJobs.runOnce();
  const left = await world.sql(`select payload->>'executionId' as id from graphile_worker._private_jobs`);
  expect(left).toEqual([{ id: '1' }]);
});
