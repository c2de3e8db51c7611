/** `statehouse recover`: after a failover that lost something, or a restore. */
import { expect, test } from 'vitest';
import { recover } from '../../store/recover.ts';
import { sequence, task } from './small-machines.ts';
import { attemptsOf, createWorld, functionArn, succeed, type World } from './world.ts';

const recoverAll = (world: World, isForced = false) =>
  recover({ databaseUrl: world.databaseUrl, workerTimeoutSeconds: 30, isForced });

test('it refuses while workers are alive', async () => {
  const world = await createWorld();
  await world.worker();
  expect(await recoverAll(world)).toMatchObject({ kind: 'workersAlive', workers: [{ pid: process.pid }] });
});

test('who has an execution loses it; what it had sent is lost, and its Retry goes on', async () => {
  const world = await createWorld({
    work: (_call, attempt) => (attempt === 1 ? new Promise(() => {}) : succeed('second')),
  });
  const worker = await world.worker();
  const definition = sequence([
    [
      'one',
      {
        Type: 'Task',
        Resource: functionArn('work'),
        Retry: [{ ErrorEquals: ['Lambda.SdkClientException'], IntervalSeconds: 1 }],
      },
    ],
  ]);
  const executionId = await world.start(definition);
  await world.tasks.called('work');
  expect(await recoverAll(world, true)).toMatchObject({
    kind: 'recovered',
    recovery: { workers: 1, executions: 1, interrupted: 1 },
  });
  expect(await recoverAll(world, true)).toMatchObject({ recovery: { executions: 1, interrupted: 0 } });
  // The worker learns of it by its next heartbeat, and takes the execution anew.
  await worker.services.heartbeat.runOnce();
  expect(world.tasks.aborted).toHaveLength(1);
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"second"' });
  expect(world.tasks.received).toEqual(attemptsOf(await world.journal(executionId)));
});

test('an owner of the history that is lost cannot write, whatever epochs it was given there', async () => {
  const world = await createWorld();
  const { workerId } = await world.store.workers.register({ hostname: 'lost', pid: 1, version: '1' });
  const executionId = await world.start(task('work'));
  const claim = await world.store.leases.claim(executionId, workerId);
  await recoverAll(world, true);
  const next = await world.store.workers.register({ hostname: 'next', pid: 2, version: '1' });
  const later = await world.store.leases.claim(executionId, next.workerId);
  // In the lost history it may have parked and claimed many times.
  expect(later?.epoch).toBeGreaterThan((claim?.epoch ?? 0) + 100_000);
  // Nor is anything new taken for something that was told there.
  expect(Number(next.workerId)).toBeGreaterThan(Number(workerId) + 100_000);
  expect(Number(await world.start(task('work')))).toBeGreaterThan(Number(executionId) + 100_000);
});

test('what was due by the clock of the server before is due, also if this one is behind', async () => {
  const world = await createWorld();
  const [due, parked] = [await world.start(task('work')), await world.start(task('work'))];
  const at = (id: string, time: string) =>
    world.sql(
      `update statehouse.executions set wake_at = statehouse.now() + interval '${time}' where id = ${id}`,
    );
  await at(due, '1 hour');
  await at(parked, '2 hours');
  await world.store.workers.register({ hostname: 'ahead', pid: 1, version: '1' });
  await world.sql(`update statehouse.workers set heartbeat_at = statehouse.now() + interval '1 hour'`);
  await recoverAll(world, true);
  const rows = await world.sql<{ id: string }>(
    'select id from statehouse.executions where wake_at <= statehouse.now()',
  );
  expect(rows.map(({ id }) => id)).toEqual([due]);
});

test('jobs are made anew, and Express executions run again', async () => {
  const world = await createWorld({ work: () => succeed(1) });
  const executionId = await world.start(task('work'));
  await world.sql(
    `insert into statehouse.express_executions (id, state_machine_id, revision_id, body, owner, run_at)
     select gen_random_uuid(), state_machine_id, revision_id, '', 1, 'infinity' from statehouse.executions`,
  );
  expect(await recoverAll(world)).toMatchObject({ recovery: { expressExecutions: 1, jobs: 1 } });
  const [row] = await world.sql(
    'select owner is null and run_at <= statehouse.now() as due from statehouse.express_executions',
  );
  expect(row).toEqual({ due: true });
  await world.sql('delete from statehouse.express_executions');
  await world.worker();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED' });
});
