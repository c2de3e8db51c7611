import { expect, test, vi } from 'vitest';
import type { JournalEvent } from '../../runtime/index.ts';
import { PLACE } from '../support/place.ts';
import { callback, RETRY_LOST, sequence, task } from './small-machines.ts';
import { attemptsOf, createWorld, functionArn, succeed, type World } from './world.ts';

/** What the reconciler of another worker does to one that has died. */
async function takeForDead(world: World): Promise<void> {
  await world.sql(`update statehouse.workers set heartbeat_at = 'epoch'`);
  await world.sql('select * from statehouse.reconcile(0)');
}

function never(): Promise<never> {
  return new Promise(() => {});
}

test('a task in flight whose worker died fails, and a matching Retry sends a new attempt', async () => {
  const world = await createWorld({
    work: (_call, attempt) => (attempt === 1 ? never() : succeed('second')),
  });
  const first = await world.worker();
  const executionId = await world.start(task('work', { Retry: RETRY_LOST }));
  await world.tasks.called('work');
  await takeForDead(world);
  await first.services.heartbeat.runOnce();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"second"' });
  const journal = await world.journal(executionId);
  expect(journal.filter(({ type }) => type === 'LambdaFunctionFailed')).toMatchObject([
    { details: { error: 'Lambda.SdkClientException', cause: 'lost' } },
  ]);
  expect(world.tasks.received).toEqual(attemptsOf(journal));
  expect(world.tasks.received.length).toBe(2);
});

test('without Retry the execution fails with the error of the lost attempt', async () => {
  const world = await createWorld({ work: never });
  const first = await world.worker();
  const executionId = await world.start(task('work'));
  await world.tasks.called('work');
  await takeForDead(world);
  await first.services.heartbeat.runOnce();
  expect(await world.ended(executionId)).toMatchObject({
    status: 'FAILED',
    error: 'Lambda.SdkClientException',
  });
  expect(world.tasks.received.length).toBe(1);
});

test('a Task that says so has its lost attempt made again, with the same idempotency key', async () => {
  const world = await createWorld({
    work: (_call, attempt) => (attempt === 1 ? never() : succeed('second')),
  });
  const first = await world.worker();
  const rerun = { Comment: 'The bank knows repeated keys. statehouse:rerun' };
  const executionId = await world.start(task('work', rerun));
  await world.tasks.called('work');
  await takeForDead(world);
  await first.services.heartbeat.runOnce();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"second"' });
  const [attempt] = attemptsOf(await world.journal(executionId));
  expect(world.tasks.received).toEqual([attempt, attempt]);
});

test('a worker that was taken for dead aborts its calls, drops what it has, and registers anew', async () => {
  const world = await createWorld({ work: never });
  const worker = await world.worker();
  const executionId = await world.start(task('work', { Retry: RETRY_LOST }));
  const call = await world.tasks.called('work');
  const [before] = await world.sql<{ id: string }>('select id from statehouse.workers');
  await takeForDead(world);
  await world.sql('delete from graphile_worker._private_jobs');
  await worker.services.heartbeat.runOnce();
  expect(call.signal.aborted).toBe(true);
  const workers = await world.sql<{ id: string }>('select id from statehouse.workers');
  expect(workers.length).toBe(1);
  expect(workers[0]?.id).not.toBe(before?.id);
  expect((await world.record(executionId)).status).toBe('RUNNING');
});

test('an append whose lease is gone drops the execution: its later result changes nothing', async () => {
  const answer = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createWorld({ work: () => answer.promise, after: () => succeed('sent by a zombie') });
  const worker = await world.worker();
  const executionId = await world.start(
    sequence([
      ['work', { Type: 'Task', Resource: functionArn('work') }],
      ['after', { Type: 'Task', Resource: functionArn('after') }],
    ]),
  );
  await world.tasks.called('work');
  const before = await world.journal(executionId);
  await world.sql(
    `update statehouse.executions set owner_epoch = owner_epoch + 1, owner = null, wake_at = 'infinity' where id = $1`,
    [executionId],
  );
  answer.resolve(succeed('late'));
  await vi.waitFor(() => expect(worker.liveExecutions).toBe(0), { timeout: 10_000 });
  expect(await world.journal(executionId)).toEqual(before);
  expect(world.tasks.received.length).toBe(1);
});

test('a stop from outside aborts the calls under way', async () => {
  const world = await createWorld({ work: never });
  const worker = await world.worker();
  const executionId = await world.start(task('work'));
  const call = await world.tasks.called('work');
  const aborted = new Promise((resolve) => call.signal.addEventListener('abort', resolve));
  await world.store.executions.stop(executionId, {
    status: 'ABORTED',
    error: undefined,
    cause: undefined,
    body: () => '[]',
  });
  await aborted;
  expect(worker.liveExecutions).toBe(0);
  expect((await world.record(executionId)).status).toBe('ABORTED');
});

test('every append ends the activation, and the next owner goes on from the journal alone', async () => {
  const world = await createWorld({ work: (call) => succeed(call.input.value) });
  const owners = new Set<number>();
  for (const n of [1, 2])
    await world.worker({
      tuning: {
        snapshotAfter: { events: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY },
        maxEventsPerTransition: 0,
      },
      hooks: {
        afterAppend: () => {
          owners.add(n);
          return 'end-activation';
        },
      },
    });
  const definition = sequence([
    ['list', { Type: 'Pass', Result: [1, 2, 3] }],
    ['all', { Type: 'Task', Resource: functionArn('work') }],
    ['each', { Type: 'Map', MaxConcurrency: 2, ItemProcessor: task('work') }],
  ]);
  // Enough of them that neither worker takes all.
  const executionIds = await Promise.all(Array.from({ length: 6 }, () => world.start(definition)));
  const journals: JournalEvent[][] = [];
  for (const executionId of executionIds) {
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '[1,2,3]' });
    journals.push(await world.journal(executionId));
  }
  const all = journals.flat();
  expect(world.tasks.received.toSorted()).toEqual(journals.flatMap(attemptsOf).toSorted());
  expect(all.some(({ type }) => type === 'LambdaFunctionFailed')).toBe(false);
  expect(owners.size).toBe(2);
}, 60_000);

test('an attempt that has been submitted survives its worker, and still takes its answer', async () => {
  const world = await createWorld({});
  let token = '';
  const integration = {
    name: 'ask',
    recovery: 'unknown' as const,
    serves: () => true,
    lost: () => ({ error: 'Lost' }),
    close: async () => {},
    invoke: async (call: { token: string | undefined }) => {
      token = call.token ?? '';
      return succeed({ StatusCode: 200 });
    },
  };
  const worker = await world.worker({ integrations: { find: () => integration }, tuning: { hotMs: 60_000 } });
  const executionId = await world.start(sequence([['ask', { ...callback, TimeoutSeconds: 50 }]]));
  await vi.waitFor(async () => expect((await world.journal(executionId)).at(-1)?.type).toBe('TaskSubmitted'));
  await takeForDead(world);
  await worker.services.heartbeat.runOnce();
  expect(
    await world.store.leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body: '"yes"' }),
  ).toBe('sent');
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"yes"' });
});
