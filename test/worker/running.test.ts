import { expect, test, vi } from 'vitest';
import { JOURNAL_VERSION } from '../../runtime/index.ts';
import { passes, RETRY_LOST, sequence, task } from './small-machines.ts';
import { attemptsOf, createWorld, fail, functionArn, succeed } from './world.ts';

test('runs a workflow to its end, and sends each attempt once', async () => {
  const world = await createWorld({
    price: () => succeed({ amount: 20 }),
    charge: (_call, attempt) => (attempt < 3 ? fail('CardBusy') : succeed('charged')),
  });
  const definition = sequence([
    ['price', { Type: 'Task', Resource: functionArn('price') }],
    [
      'both',
      {
        Type: 'Parallel',
        Branches: [
          task('charge', { Retry: [{ ErrorEquals: ['CardBusy'], IntervalSeconds: 1, MaxAttempts: 5 }] }),
          passes(2),
        ],
      },
    ],
    ['each', { Type: 'Map', ItemProcessor: sequence([['item', { Type: 'Pass' }]]) }],
  ]);
  await world.worker();
  const executionId = await world.start(definition);
  const ended = await world.ended(executionId);
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: JSON.stringify(['charged', { amount: 20 }]) });
  const journal = await world.journal(executionId);
  expect(journal.filter(({ id }) => id > 0).map(({ id }) => id)).toEqual(
    Array.from({ length: ended.lastEventId }, (_, index) => index + 1),
  );
  expect(world.tasks.received.toSorted()).toEqual(attemptsOf(journal).toSorted());
  expect(world.tasks.received.length).toBe(4);
});

test('many executions at a time, on two workers', async () => {
  const world = await createWorld({ work: () => succeed('done') });
  await world.worker();
  await world.worker();
  const definition = sequence([
    ['first', { Type: 'Pass' }],
    ['work', { Type: 'Task', Resource: functionArn('work') }],
    ['last', { Type: 'Pass' }],
  ]);
  const executionIds = await Promise.all(Array.from({ length: 60 }, () => world.start(definition)));
  for (const executionId of executionIds) expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
  expect(new Set(world.tasks.received).size).toBe(60);
  expect(world.tasks.received.length).toBe(60);
});

test('two workers that are handed the same job make each transition once', async () => {
  const world = await createWorld({ work: () => succeed('done') });
  const executionId = await world.start(task('work'));
  for (let copy = 0; copy < 30; copy++)
    await world.sql('select statehouse.hint(array[$1::bigint])', [executionId]);
  await world.worker();
  await world.worker();
  await world.ended(executionId);
  expect(world.tasks.received.length).toBe(1);
  const types = (await world.journal(executionId)).map(({ type }) => type);
  expect(types).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
});

test('deleting every job, again and again, loses nothing', async () => {
  const world = await createWorld({ work: () => succeed('done') });
  const worker = await world.worker({ tuning: { hotMs: 0 } });
  const definition = sequence([
    ['work', { Type: 'Task', Resource: functionArn('work') }],
    ['wait', { Type: 'Wait', Seconds: 1 }],
    ['again', { Type: 'Task', Resource: functionArn('work') }],
  ]);
  const executionIds: string[] = [];
  for (let n = 0; n < 10; n++) {
    executionIds.push(await world.start(definition));
    await world.sql('delete from graphile_worker._private_jobs');
  }
  for (const executionId of executionIds) {
    await vi.waitFor(
      async () => {
        await world.sql('delete from graphile_worker._private_jobs where random() < 0.3');
        await worker.services.ticker.runOnce();
        await worker.services.reconciler.runOnce();
        expect((await world.record(executionId)).status).toBe('SUCCEEDED');
      },
      { timeout: 40_000, interval: 200 },
    );
  }
  expect(new Set(world.tasks.received).size).toBe(20);
  expect(world.tasks.received.length).toBe(20);
}, 60_000);

test('what an integration throws is reported as States.Runtime', async () => {
  const world = await createWorld({
    broken: () => {
      throw new Error('no such thing');
    },
  });
  await world.worker();
  const executionId = await world.start(task('broken', { Retry: RETRY_LOST }));
  expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('a fault in one execution leaves the others alone', async () => {
  const world = await createWorld({ work: () => succeed(1) });
  const bad = await world.start(task('work'));
  await world.sql(`update statehouse.journal set body = '[{"type":"Nonsense"}]' where execution_id = $1`, [
    bad,
  ]);
  await world.worker();
  const good = await Promise.all(Array.from({ length: 5 }, () => world.start(task('work'))));
  for (const executionId of good) expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
  const [row] = await world.sql('select status from statehouse.executions where id = $1', [bad]);
  expect(row).toEqual({ status: 'RUNNING' });
});

test('a journal of a newer version is left to a newer worker', async () => {
  const world = await createWorld({ work: () => succeed(1) });
  const executionId = await world.start(task('work'));
  await world.sql(
    `update statehouse.journal set body = replace(body, $2, '"version":99') where execution_id = $1`,
    [executionId, `"version":${JOURNAL_VERSION}`],
  );
  await world.worker();
  const epoch = async () =>
    (
      await world.sql<{ owner: string | null; owner_epoch: number }>(
        'select owner, owner_epoch from statehouse.executions where id = $1',
        [executionId],
      )
    )[0];
  await vi.waitFor(async () => expect(await epoch()).toEqual({ owner: null, owner_epoch: 2 }), {
    timeout: 10_000,
  });
  expect((await world.journal(executionId)).length).toBe(1);
  expect(world.tasks.received).toEqual([]);
});
