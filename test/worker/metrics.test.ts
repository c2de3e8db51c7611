/** What a worker measures of its executions and of itself, as a scraper sees it. */
import { expect, test, vi } from 'vitest';
import { executionMetrics } from '../../telemetry/metrics/execution-metrics.ts';
import { startTestMetrics, type TestMetrics } from '../support/metrics.ts';
import { PLACE } from '../support/place.ts';
import { callback, sequence, task } from './small-machines.ts';
import { createWorld, fail, type Handler, succeed, type World } from './world.ts';

const LONG_WAIT = { StartAt: 'wait', States: { wait: { Type: 'Wait', Seconds: 600, End: true } } };

async function measuredWorld(handlers: Readonly<Record<string, Handler>> = {}) {
  const world = await createWorld(handlers);
  const measured = await startTestMetrics();
  const { metrics } = measured;
  const start = () => world.worker({ metrics, watcher: executionMetrics(metrics) });
  return { world, measured, start };
}

/** Lets a parked execution learn that time has passed. */
async function pass(world: World, worker: Awaited<ReturnType<World['worker']>>, seconds: number) {
  await world.advance(seconds);
  await worker.services.heartbeat.runOnce();
  await worker.services.ticker.runOnce();
}

async function parked(world: World, executionId: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const rows = await world.sql('select from statehouse.executions where id = $1 and owner is null', [
        executionId,
      ]);
      expect(rows).toHaveLength(1);
      expect((await world.journal(executionId)).length).toBeGreaterThan(1);
    },
    { timeout: 20_000, interval: 20 },
  );
}

const ended = async ({ sum }: TestMetrics) =>
  Object.fromEntries(
    await Promise.all(
      ['succeeded', 'failed', 'timed_out', 'aborted'].map(async (outcome) => [
        outcome,
        await sum(`statehouse_executions_${outcome}_total`),
      ]),
    ),
  );

test('executions are counted as they end, and timed, and so is how late their timers are', async () => {
  const { world, measured, start } = await measuredWorld({
    good: () => succeed(1),
    bad: () => fail('Boom'),
  });
  const worker = await start();
  await world.ended(await world.start(task('good')));
  await world.ended(await world.start(task('good')));
  await world.ended(await world.start(task('bad')));
  const late = await world.start({ ...LONG_WAIT, TimeoutSeconds: 300 });
  await parked(world, late);
  await pass(world, worker, 340);
  await world.ended(late);
  await measured.until('statehouse_executions_timed_out_total', {}, 1);
  expect(await ended(measured)).toEqual({ succeeded: 2, failed: 1, timed_out: 1, aborted: undefined });
  expect(await measured.sum('statehouse_executions_started_total')).toBe(4);
  const { stateMachineName } = await world.record(late);
  const ofLate = {
    statehouse_state_machine_name: stateMachineName,
    statehouse_state_machine_type: 'STANDARD',
    cloud_account_id: '000000000000',
    cloud_region: 'us-east-1',
  };
  expect(await measured.sum('statehouse_execution_time_seconds_count', ofLate)).toBe(1);
  const seconds = await measured.sum('statehouse_execution_time_seconds_sum', ofLate);
  expect(seconds).toBeGreaterThanOrEqual(300);
  expect(await measured.sum('statehouse_timers_lateness_seconds_count')).toBe(1);
  expect(await measured.sum('statehouse_timers_lateness_seconds_sum')).toBeGreaterThanOrEqual(40);
  expect(await measured.sum('statehouse_claims_total', { statehouse_claim_outcome: 'won' })).toBe(5);
  expect(await measured.sum('statehouse_executions_alive', { statehouse_driver: 'standard' })).toBe(0);
});

test('attempts are counted and timed by kind and resource', async () => {
  const { world, measured, start } = await measuredWorld({
    flaky: (_call, attempt) => (attempt < 3 ? fail('Busy') : succeed('done')),
    slow: () => new Promise(() => {}),
  });
  const worker = await start();
  const retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 3 }];
  await world.ended(await world.start(task('flaky', { Retry: retry })));
  const hanging = await world.start(task('slow', { TimeoutSeconds: 100 }));
  await world.tasks.called('slow');
  await pass(world, worker, 101);
  await world.ended(hanging);
  const flaky = { statehouse_task_kind: 'lambda', statehouse_task_resource: 'flaky' };
  const slow = { statehouse_task_kind: 'lambda', statehouse_task_resource: 'slow' };
  await measured.until('statehouse_tasks_timed_out_total', slow, 1);
  for (const [name, labels, count] of [
    ['tasks_scheduled_total', flaky, 3],
    ['tasks_started_total', flaky, 3],
    ['tasks_failed_total', flaky, 2],
    ['tasks_succeeded_total', flaky, 1],
    ['task_schedule_time_seconds_count', flaky, 3],
    ['task_run_time_seconds_count', flaky, 3],
    ['task_time_seconds_count', flaky, 3],
    ['tasks_scheduled_total', slow, 1],
    ['tasks_succeeded_total', slow, undefined],
    ['tasks_heartbeat_timed_out_total', slow, undefined],
  ] as const)
    expect(await measured.sum(`statehouse_${name}`, labels), name).toBe(count);
  const seconds = await measured.sum('statehouse_task_run_time_seconds_sum', slow);
  expect(seconds).toBeGreaterThanOrEqual(100);
});

test('a heartbeat that stays away is told from a timeout', async () => {
  const { world, measured, start } = await measuredWorld({
    'invoke.waitForTaskToken': () => succeed('asked'),
  });
  const worker = await start();
  const quiet = await world.start(
    sequence([['ask', { ...callback, TimeoutSeconds: 500, HeartbeatSeconds: 60 }]]),
  );
  await parked(world, quiet);
  await pass(world, worker, 61);
  await world.ended(quiet);
  const labels = {
    statehouse_task_kind: 'service',
    statehouse_task_resource: 'lambda:invoke.waitForTaskToken',
  };
  await measured.until('statehouse_tasks_heartbeat_timed_out_total', labels, 1);
  expect(await measured.sum('statehouse_tasks_timed_out_total')).toBeUndefined();
});

test('the end of an attempt is counted and timed by the worker that sees it, whoever has seen its beginning', async () => {
  const { world, measured, start } = await measuredWorld();
  const { activity } = await world.store.activities.create({
    place: PLACE,
    name: 'review',
    encryptionConfiguration: {},
  });
  const first = await start();
  const executionId = await world.start(
    sequence([
      ['review', { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:review' }],
    ]),
  );
  await parked(world, executionId);
  await first.stop();
  await world.advance(30);
  const { tasks } = await world.store.activities.take([{ activityId: activity.id, workerName: 'Ada' }]);
  await start();
  await world.store.leases.signal({
    token: tasks[0]?.token ?? '',
    place: PLACE,
    kind: 'CallbackSucceeded',
    body: '"ok"',
  });
  await world.ended(executionId);
  const labels = { statehouse_task_kind: 'activity', statehouse_task_resource: 'review' };
  await measured.until('statehouse_tasks_succeeded_total', labels, 1);
  expect(await measured.sum('statehouse_tasks_scheduled_total', labels)).toBe(1);
  expect(await measured.sum('statehouse_tasks_started_total', labels)).toBe(1);
  const seconds = await measured.sum('statehouse_task_schedule_time_seconds_sum', labels);
  expect(seconds).toBeGreaterThanOrEqual(30);
  expect(await measured.sum('statehouse_executions_started_total')).toBe(1);
});

test('the executions of a dead worker are rescued by another one, which counts that', async () => {
  const { world, measured, start } = await measuredWorld();
  const worker = await start();
  await world.sql(`insert into statehouse.workers (hostname, pid, version, heartbeat_at)
    values ('gone', 1, 'test', statehouse.now() - interval '1 hour')`);
  await worker.services.reconciler.runOnce();
  await measured.until('statehouse_reconciler_dead_workers_total', {}, 1);
  expect(await measured.sum('statehouse_reconciler_rescued_total')).toBe(0);
});
