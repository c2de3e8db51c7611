/** Tasks of activities, from the execution that offers them to the one that goes on: real workers, real database. */
import { describe, expect, test, vi } from 'vitest';
import type { JournalEvent } from '../../runtime/index.ts';
import type { ActivityTask } from '../../store/activity.ts';
import type { SignalKind } from '../../store/lease.ts';
import { PLACE } from '../support/place.ts';
import { RETRY_LOST, sequence } from './small-machines.ts';
import { createWorld, functionArn, succeed, type World } from './world.ts';

const arnOf = (name: string, region = 'us-east-1') =>
  `arn:aws:states:${region}:000000000000:activity:${name}`;
const review = (more: object = {}) => ({ Type: 'Task', Resource: arnOf('review'), ...more });

async function createActivity(world: World, name = 'review', place = PLACE): Promise<string> {
  return (await world.store.activities.create({ place, name, encryptionConfiguration: {} })).activity.id;
}

/** Takes the activity's next task, as soon as there is one. */
function taken(world: World, activityId: string, workerName?: string): Promise<ActivityTask> {
  return vi.waitFor(
    async () => {
      const { tasks } = await world.store.activities.take([{ activityId, workerName }]);
      if (tasks[0] === undefined) throw new Error('there is no task');
      return tasks[0];
    },
    { timeout: 20_000, interval: 10 },
  );
}

function send(world: World, token: string, kind: SignalKind, body: unknown) {
  return world.store.leases.signal({ token, place: PLACE, kind, body: JSON.stringify(body) });
}

const answer = (world: World, { token }: ActivityTask, output: unknown = 'ok') =>
  send(world, token, 'CallbackSucceeded', output);

const typesOf = (journal: readonly JournalEvent[]) => journal.map(({ type }) => type);

async function untilJournaled(world: World, executionId: string, type: JournalEvent['type']): Promise<void> {
  await vi.waitFor(async () => expect(typesOf(await world.journal(executionId))).toContain(type), {
    timeout: 20_000,
    interval: 10,
  });
}

test('a task waits for a worker, is taken, and its answer goes on', async () => {
  const world = await createWorld();
  const activityId = await createActivity(world);
  await world.worker();
  const executionId = await world.start(sequence([['review', review()]]), { text: 'draft' });
  const task = await taken(world, activityId, 'Ada');
  expect(task.input).toBe('{"text":"draft"}');
  expect(await answer(world, task, { ok: true })).toBe('sent');
  expect(await answer(world, task)).toBe('unknown');
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '{"ok":true}' });
  const journal = await world.journal(executionId);
  expect(typesOf(journal).slice(2)).toEqual([
    'ActivityScheduled',
    'ActivityStarted',
    'ActivitySucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  expect(journal[3]?.details).toEqual({ workerName: 'Ada' });
});

test('what came while no worker ran is told in its order: taken, heartbeat, answer', async () => {
  const world = await createWorld();
  const activityId = await createActivity(world);
  const first = await world.worker();
  const executionId = await world.start(sequence([['review', review({ HeartbeatSeconds: 900 })]]));
  await untilJournaled(world, executionId, 'ActivityScheduled');
  await first.stop();
  const task = await taken(world, activityId);
  expect(await send(world, task.token, 'HeartbeatReceived', null)).toBe('sent');
  expect(await answer(world, task)).toBe('sent');
  await world.worker();
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
  expect(typesOf(await world.journal(executionId)).slice(2, 6)).toEqual([
    'ActivityScheduled',
    'ActivityStarted',
    'HeartbeatReceived',
    'ActivitySucceeded',
  ]);
});

describe('an activity that does not exist', () => {
  const cause = (name: string, region?: string) =>
    expect.stringContaining(`The activity ${arnOf(name, region)} does not exist.`);

  test('fails the execution; made since, it does not fail the next one', async () => {
    const world = await createWorld();
    await world.worker();
    const definition = sequence([['review', review()]]);
    const failed = await world.start(definition);
    expect(await world.ended(failed)).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: cause('review'),
    });
    const activityId = await createActivity(world);
    const executionId = await world.start(definition);
    await answer(world, await taken(world, activityId));
    expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
  });

  test('is also one of another region, though it is there', async () => {
    const world = await createWorld();
    await createActivity(world, 'review', { ...PLACE, region: 'eu-west-1' });
    await world.worker();
    const Resource = arnOf('review', 'eu-west-1');
    const executionId = await world.start(sequence([['review', review({ Resource })]]));
    expect(await world.ended(executionId)).toMatchObject({ cause: cause('review', 'eu-west-1') });
  });

  test('is not the one that was made under its name again: that gets the tasks', async () => {
    const world = await createWorld();
    const before = await createActivity(world);
    await world.worker();
    const definition = sequence([['review', review()]]);
    const waiting = await world.start(definition);
    await untilJournaled(world, waiting, 'ActivityScheduled');
    await world.store.activities.delete(PLACE, 'review');
    const after = await createActivity(world);
    const executionId = await world.start(definition);
    await answer(world, await taken(world, after));
    expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
    const { tasks, missing } = await world.store.activities.take([
      { activityId: before, workerName: undefined },
    ]);
    expect({ tasks, missing }).toEqual({ tasks: [undefined], missing: [before] });
    expect((await world.record(waiting)).status).toBe('RUNNING');
  });
});

describe('a task that nobody answers in time', () => {
  test('times out when nobody takes it, and can then be taken no more', async () => {
    const world = await createWorld();
    const activityId = await createActivity(world);
    const worker = await world.worker();
    const executionId = await world.start(sequence([['review', review({ TimeoutSeconds: 600 })]]));
    await untilJournaled(world, executionId, 'ActivityScheduled');
    await world.advance(601);
    await worker.services.heartbeat.runOnce();
    await worker.services.ticker.runOnce();
    expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(typesOf(await world.journal(executionId)).slice(2)).toEqual([
      'ActivityScheduled',
      'ActivityTimedOut',
      'ExecutionFailed',
    ]);
    expect(await world.store.activities.haveNews([activityId])).toEqual([]);
  });

  test('has all its time from when it is taken, and a late answer is refused', async () => {
    const world = await createWorld();
    const activityId = await createActivity(world);
    const worker = await world.worker();
    const executionId = await world.start(sequence([['review', review({ TimeoutSeconds: 600 })]]));
    await untilJournaled(world, executionId, 'ActivityScheduled');
    await world.advance(500);
    await worker.services.heartbeat.runOnce();
    const task = await taken(world, activityId);
    await untilJournaled(world, executionId, 'ActivityStarted');
    await world.advance(500);
    await worker.services.heartbeat.runOnce();
    await worker.services.ticker.runOnce();
    expect((await world.record(executionId)).status).toBe('RUNNING');
    await world.advance(200);
    await worker.services.heartbeat.runOnce();
    await worker.services.ticker.runOnce();
    expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(await answer(world, task)).toBe('unknown');
    expect(await send(world, task.token, 'HeartbeatReceived', null)).toBe('unknown');
  });
});

test('a retry is another task: the token before it counts no more', async () => {
  const world = await createWorld();
  const activityId = await createActivity(world);
  await world.worker();
  const Retry = [{ ErrorEquals: ['Refused'], IntervalSeconds: 1, MaxAttempts: 1 }];
  const executionId = await world.start(sequence([['review', review({ Retry })]]));
  const first = await taken(world, activityId);
  expect(await send(world, first.token, 'CallbackFailed', { error: 'Refused', cause: 'no' })).toBe('sent');
  const second = await taken(world, activityId);
  expect(second.token).not.toBe(first.token);
  expect(await answer(world, first)).toBe('unknown');
  await answer(world, second, 'second');
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"second"' });
});

test('a Map offers a task for each item', async () => {
  const world = await createWorld();
  const activityId = await createActivity(world);
  await world.worker();
  const ItemProcessor = sequence([['review', review()]]);
  const executionId = await world.start(sequence([['each', { Type: 'Map', ItemProcessor }]]), [1, 2, 3, 4]);
  for (let n = 0; n < 4; n++) {
    const task = await taken(world, activityId);
    await answer(world, task, Number(task.input) * 10);
  }
  expect((await world.ended(executionId)).output).toBe('[10,20,30,40]');
});

test('what a failed Parallel gives up can be taken no more', async () => {
  const world = await createWorld({ fail: () => ({ kind: 'failed', failure: { error: 'Broken' } }) });
  const activityId = await createActivity(world);
  await world.worker();
  const branches = [
    sequence([['review', review()]]),
    sequence([['fail', { Type: 'Task', Resource: functionArn('fail') }]]),
  ];
  const executionId = await world.start(
    sequence([
      [
        'both',
        { Type: 'Parallel', Branches: branches, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'linger' }] },
      ],
      ['linger', { Type: 'Wait', Seconds: 900 }],
    ]),
  );
  await untilJournaled(world, executionId, 'WaitStateEntered');
  expect(await world.store.activities.haveNews([activityId])).toEqual([]);
});

describe('a worker process that dies', () => {
  /** What the reconciler of another worker does to it. */
  async function takeForDead(world: World): Promise<void> {
    await world.sql(`update statehouse.workers set heartbeat_at = 'epoch'`);
    await world.sql('select * from statehouse.reconcile(0)');
  }

  test.each(['before it was taken', 'while it was being done'])('takes no task along %s', async (when) => {
    const world = await createWorld();
    const activityId = await createActivity(world);
    const first = await world.worker({ tuning: { hotMs: 0 } });
    const executionId = await world.start(sequence([['review', review({ Retry: RETRY_LOST })]]));
    await untilJournaled(world, executionId, 'ActivityScheduled');
    const early = when.startsWith('while') ? await taken(world, activityId) : undefined;
    if (early) await untilJournaled(world, executionId, 'ActivityStarted');
    await takeForDead(world);
    await first.services.heartbeat.runOnce();
    const task = early ?? (await taken(world, activityId));
    expect(await answer(world, task, 'survived')).toBe('sent');
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"survived"' });
    const journal = typesOf(await world.journal(executionId));
    expect(journal.filter((type) => type.startsWith('Activity'))).toEqual([
      'ActivityScheduled',
      'ActivityStarted',
      'ActivitySucceeded',
    ]);
  });

  test('between a task that was taken and its fold, leaves that to the next', async () => {
    const world = await createWorld();
    const activityId = await createActivity(world);
    const { leases } = world.store;
    let isDeaf = true;
    const mail: typeof leases.mail = async (...asked) =>
      isDeaf ? { mail: [], continuesAfter: undefined } : leases.mail(...asked);
    const first = await world.worker({ store: { ...world.store, leases: { ...leases, mail } } });
    const executionId = await world.start(
      sequence([
        [
          'both',
          {
            Type: 'Parallel',
            Branches: [
              sequence([['review', review()]]),
              sequence([['linger', { Type: 'Wait', Seconds: 2 }]]),
            ],
          },
        ],
      ]),
    );
    await untilJournaled(world, executionId, 'ActivityScheduled');
    const task = await taken(world, activityId, 'Ada');
    expect(typesOf(await world.journal(executionId))).not.toContain('ActivityStarted');
    await takeForDead(world);
    isDeaf = false;
    await first.services.heartbeat.runOnce();
    await answer(world, task);
    expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
    const started = (await world.journal(executionId)).filter(({ type }) => type === 'ActivityStarted');
    expect(started.map(({ details }) => details)).toEqual([{ workerName: 'Ada' }]);
  });
});

test('a worker that stops leaves a task that is being done as it is', async () => {
  const world = await createWorld();
  const activityId = await createActivity(world);
  const first = await world.worker({ graceSeconds: 0 });
  const executionId = await world.start(sequence([['review', review({ TimeoutSeconds: 900 })]]));
  const task = await taken(world, activityId);
  await untilJournaled(world, executionId, 'ActivityStarted');
  await first.stop();
  expect(typesOf(await world.journal(executionId)).at(-1)).toBe('ActivityStarted');
  await answer(world, task);
  await world.worker();
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
});

test('two workers run executions of one activity side by side', async () => {
  const world = await createWorld({ after: () => succeed('after') });
  const activityId = await createActivity(world);
  await Promise.all([world.worker(), world.worker()]);
  const definition = sequence([
    ['review', review()],
    ['after', { Type: 'Task', Resource: functionArn('after') }],
  ]);
  const executionIds = await Promise.all(
    Array.from({ length: 10 }, (_, n) => world.start(definition, { n })),
  );
  const inputs: string[] = [];
  for (const _ of executionIds) {
    const task = await taken(world, activityId);
    inputs.push(task.input);
    await answer(world, task);
  }
  expect(inputs.sort()).toEqual(executionIds.map((_, n) => `{"n":${n}}`).sort());
  for (const executionId of executionIds)
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"after"' });
});
