import { expect, test, vi } from 'vitest';
import { abortedEvent, encodeEvents, JOURNAL_VERSION, redrivenEvent } from '../../runtime/index.ts';
import { task } from './small-machines.ts';
import { attemptsOf, createWorld, fail, functionArn, succeed, type World } from './world.ts';

async function redrive(world: World, executionId: string): Promise<void> {
  const outcome = await world.store.executions.redrive(executionId, {
    clientToken: undefined,
    body: (event) => encodeEvents([redrivenEvent({ ...event, timeoutSeconds: undefined })]),
  });
  expect(outcome.kind).toBe('redriven');
}

async function stop(world: World, executionId: string): Promise<void> {
  await world.store.executions.stop(executionId, {
    status: 'ABORTED',
    error: undefined,
    cause: undefined,
    body: (id, time) => encodeEvents([abortedEvent(id, time, {})]),
  });
}

/** Branches that call functions of their names. */
function sideBySide(...names: readonly string[]): object {
  const branches = names.map((name) => ({
    StartAt: name,
    States: { [name]: { Type: 'Task', Resource: functionArn(name), End: true } },
  }));
  return { StartAt: 'All', States: { All: { Type: 'Parallel', Branches: branches, End: true } } };
}

test('a failed execution goes on where it failed, and calls nothing twice that had succeeded', async () => {
  const broken = Promise.withResolvers<void>();
  const world = await createWorld({
    good: () => {
      broken.resolve();
      return succeed('kept');
    },
    bad: async (_call, attempt) => {
      await broken.promise;
      return attempt === 1 ? fail('Broken') : succeed('fixed');
    },
  });
  await world.worker();
  const executionId = await world.start(sideBySide('good', 'bad'));
  expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'Broken' });
  await redrive(world, executionId);
  expect(await world.ended(executionId)).toMatchObject({
    status: 'SUCCEEDED',
    output: '["kept","fixed"]',
    error: undefined,
    redriveCount: 1,
  });
  const journal = await world.journal(executionId);
  expect(world.tasks.received).toEqual(attemptsOf(journal));
  const [good] = attemptsOf(journal);
  expect(world.tasks.received.filter((key) => key === good)).toHaveLength(1);
});

test('a call that was under way when the execution was stopped is late news for the redriven one', async () => {
  const first = Promise.withResolvers<ReturnType<typeof succeed>>();
  const second = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createWorld({
    work: (_call, attempt) => (attempt === 1 ? first.promise : second.promise),
  });
  await world.worker();
  const executionId = await world.start(task('work'));
  const call = await world.tasks.called('work');
  await stop(world, executionId);
  await redrive(world, executionId);
  await vi.waitFor(() => expect(world.tasks.received).toHaveLength(2), { timeout: 10_000 });
  expect(call.signal.aborted).toBe(true);
  first.resolve(succeed('late'));
  second.resolve(succeed('in time'));
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"in time"' });
});

test('news of the stop that come after the redrive do not touch it', async () => {
  const answer = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createWorld({
    work: (_call, attempt) => (attempt === 1 ? new Promise(() => {}) : answer.promise),
  });
  await world.worker();
  const executionId = await world.start(task('work'));
  await world.tasks.called('work');
  const [lease] = await world.sql<{ owner: string; owner_epoch: number }>(
    'select owner, owner_epoch from statehouse.executions where id = $1',
    [executionId],
  );
  await stop(world, executionId);
  await redrive(world, executionId);
  await vi.waitFor(() => expect(world.tasks.received).toHaveLength(2), { timeout: 10_000 });
  const news = `stopped ${lease?.owner} ${executionId} ${(lease?.owner_epoch ?? 0) + 1}`;
  await world.sql(`select pg_notify('statehouse_news', $1)`, [news]);
  // Told in order: once this one is stopped, the news before have been read.
  const other = await world.start(task('work'));
  await vi.waitFor(() => expect(world.tasks.received).toHaveLength(3), { timeout: 10_000 });
  await stop(world, other);
  await vi.waitFor(() => expect(world.tasks.aborted).toHaveLength(2), { timeout: 10_000 });
  answer.resolve(succeed('fixed'));
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"fixed"' });
});

test('it waits for its worker like any other: without one, its job or the ticker brings it to the next', async () => {
  const world = await createWorld({ work: (_call, attempt) => (attempt === 1 ? fail('No') : succeed(2)) });
  const before = await world.worker();
  const executionId = await world.start(task('work'));
  await world.ended(executionId);
  await before.stop();
  await redrive(world, executionId);
  await world.sql('delete from graphile_worker._private_jobs');
  await world.advance(10);
  const after = await world.worker();
  await after.services.ticker.runOnce();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '2' });
});

test('one that a newer version has redriven is left to a newer worker', async () => {
  const world = await createWorld({ work: () => fail('No') });
  const worker = await world.worker();
  const executionId = await world.start(task('work'));
  await world.ended(executionId);
  await worker.stop();
  await redrive(world, executionId);
  await world.sql(
    `update statehouse.journal set body = replace(body, $2, '"version":99')
      where execution_id = $1 and body like '%ExecutionRedriven%'`,
    [executionId, `"version":${JOURNAL_VERSION}`],
  );
  const lease = () =>
    world.sql('select owner, owner_epoch from statehouse.executions where id = $1', [executionId]);
  const [{ owner_epoch: epoch } = { owner_epoch: 0 }] = await lease();
  await world.worker();
  await vi.waitFor(
    async () => expect(await lease()).toEqual([{ owner: null, owner_epoch: Number(epoch) + 2 }]),
    { timeout: 10_000 },
  );
  expect(world.tasks.received).toHaveLength(1);
});
