/** An answer that was acknowledged counts, also where its attempt is just being given up and no news of it has come. */
import { expect, test, vi } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { callback, sequence } from './small-machines.ts';
import { createWorld, fail, succeed, type World } from './world.ts';

function asking(more: object): object {
  return sequence([['ask', { ...callback, ...more }]]);
}

/** What SendTaskSuccess and SendTaskHeartbeat do, but for the NOTIFY, which may be lost. */
async function sendSilently(world: World, kind: 'CallbackSucceeded' | 'HeartbeatReceived'): Promise<void> {
  await world.sql(
    `with token as (select * from statehouse.task_tokens), mail as (
      insert into statehouse.mailbox (execution_id, kind, scheduled_event_id, body)
      select execution_id, $1, scheduled_event_id, '"answered"' from token
    ), taken as (
      delete from statehouse.task_tokens where $1 <> 'HeartbeatReceived'
    )
    update statehouse.executions e set signals = signals + 1 from token where e.id = token.execution_id`,
    [kind],
  );
}

async function untilSubmitted(world: World, executionId: string): Promise<void> {
  await vi.waitFor(async () => {
    const types = (await world.journal(executionId)).map(({ type }) => type);
    expect(types).toContain('TaskSubmitted');
  });
}

test('it comes before a timeout', async () => {
  const world = await createWorld({ 'invoke.waitForTaskToken': () => succeed({}) });
  const clock = new ManualClock();
  await world.worker({ clock });
  const executionId = await world.start(asking({ TimeoutSeconds: 3 }));
  await untilSubmitted(world, executionId);
  await sendSilently(world, 'CallbackSucceeded');
  clock.advance(4000);
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"answered"' });
});

test('a heartbeat comes before a missed heartbeat, and the token stays good', async () => {
  const world = await createWorld({ 'invoke.waitForTaskToken': () => succeed({}) });
  const clock = new ManualClock();
  await world.worker({ clock });
  const executionId = await world.start(asking({ HeartbeatSeconds: 3 }));
  await untilSubmitted(world, executionId);
  await sendSilently(world, 'HeartbeatReceived');
  clock.advance(3500);
  await vi.waitFor(async () =>
    expect(await world.sql('select from statehouse.mailbox where execution_id = $1', [executionId])).toEqual(
      [],
    ),
  );
  await sendSilently(world, 'CallbackSucceeded');
  clock.advance(1000);
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"answered"' });
});

test('it comes before the failure of the call', async () => {
  const outcome = Promise.withResolvers<ReturnType<typeof fail>>();
  const world = await createWorld({ 'invoke.waitForTaskToken': () => outcome.promise });
  await world.worker({ clock: new ManualClock() });
  const executionId = await world.start(asking({}));
  await world.tasks.called('invoke.waitForTaskToken');
  await sendSilently(world, 'CallbackSucceeded');
  outcome.resolve(fail('Broken'));
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"answered"' });
});

test('it comes before the loss of a call that a stopping worker gives up', async () => {
  const world = await createWorld({ 'invoke.waitForTaskToken': () => new Promise(() => {}) });
  const worker = await world.worker({ graceSeconds: 0 });
  const executionId = await world.start(asking({}));
  await world.tasks.called('invoke.waitForTaskToken');
  await sendSilently(world, 'CallbackSucceeded');
  await worker.stop();
  await world.worker();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"answered"' });
});
