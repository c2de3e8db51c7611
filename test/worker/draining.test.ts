import { expect, test } from 'vitest';
import { RETRY_LOST, sequence, task } from './small-machines.ts';
import { attemptsOf, createWorld, functionArn, succeed } from './world.ts';

test('a stopping worker lets a call under way end, and starts nothing new', async () => {
  const answer = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createWorld({ work: () => answer.promise, after: () => succeed('after') });
  const worker = await world.worker({ graceSeconds: 20 });
  const executionId = await world.start(
    sequence([
      ['work', { Type: 'Task', Resource: functionArn('work') }],
      ['after', { Type: 'Task', Resource: functionArn('after') }],
    ]),
  );
  await world.tasks.called('work');
  expect(worker.isStopping).toBe(false);
  const stopping = worker.stop();
  expect(worker).toMatchObject({ isStopping: true, isCurrent: true });
  answer.resolve(succeed('in time'));
  await stopping;
  const types = (await world.journal(executionId)).map(({ type }) => type);
  expect(types).toContain('LambdaFunctionSucceeded');
  expect(world.tasks.received.length).toBe(1);
  expect(await world.sql('select from statehouse.workers')).toEqual([]);
  expect(await world.sql('select owner from statehouse.executions')).toEqual([{ owner: null }]);
  await world.worker();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"after"' });
  expect(world.tasks.received).toEqual(attemptsOf(await world.journal(executionId)));
});

test('after the grace time the attempt fails as one whose worker died', async () => {
  const world = await createWorld({
    work: (_call, attempt) => (attempt === 1 ? new Promise(() => {}) : succeed('again')),
  });
  const worker = await world.worker({ graceSeconds: 0 });
  const executionId = await world.start(task('work', { Retry: RETRY_LOST }));
  const call = await world.tasks.called('work');
  await worker.stop();
  expect(call.signal.aborted).toBe(true);
  expect((await world.journal(executionId)).at(-1)).toMatchObject({
    type: 'LambdaFunctionFailed',
    details: { error: 'Lambda.SdkClientException' },
  });
  await world.worker();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"again"' });
});

test('under load nothing is lost and nothing is done twice: another worker goes on with what the grace time leaves', async () => {
  let isStuck = true;
  const world = await createWorld({
    work: () => succeed('done'),
    stuck: () => (isStuck ? new Promise(() => {}) : succeed('done')),
  });
  const [work, stuck] = ['work', 'stuck'].map((name) => ({ Type: 'Task', Resource: functionArn(name) }));
  const busy = sequence(Array.from({ length: 4 }, (_, step) => [`step ${step}`, work as object]));
  const caught = sequence([['step', { ...stuck, Retry: RETRY_LOST }]]);
  const worker = await world.worker({ graceSeconds: 0.1 });
  const executionIds = await Promise.all(
    Array.from({ length: 40 }, (_, n) => world.start(n % 10 === 0 ? caught : busy)),
  );
  await world.tasks.called('stuck');
  isStuck = false;
  await world.worker();
  await worker.stop();
  expect(await world.sql('select from statehouse.workers')).toHaveLength(1);
  const attempts: string[] = [];
  for (const executionId of executionIds) {
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    attempts.push(...attemptsOf(await world.journal(executionId)));
  }
  expect(world.tasks.received.toSorted()).toEqual(attempts.toSorted());
});

test('a worker can be stopped twice, and when it has nothing to do', async () => {
  const world = await createWorld();
  const worker = await world.worker();
  await Promise.all([worker.stop(), worker.stop()]);
  expect(worker.liveExecutions).toBe(0);
  expect(await world.sql('select from statehouse.workers')).toEqual([]);
});
