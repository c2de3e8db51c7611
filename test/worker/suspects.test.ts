/** What workers do with executions that may have ended the one before them. */
import { expect, test, vi } from 'vitest';
import type { SuspectPolicy } from '../../store/suspects.ts';
import type { IsolatedProcess } from '../../worker/services/isolation.ts';
import { SuspectRuns } from '../../worker/services/suspects.ts';
import { ManualClock } from './manual-clock.ts';
import { passes, RETRY_LOST, sequence, task } from './small-machines.ts';
import { createWorld, functionArn, succeed, type World } from './world.ts';

/** As often as that, the execution was running in a worker that died. */
async function strike({ store }: World, executionId: string, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await store.suspects.strike(executionId, 'The worker that ran it died.');
}

/** An isolated process that a test has in its own. */
function isolatedProcess() {
  const ended = Promise.withResolvers<Awaited<IsolatedProcess['ended']>>();
  return {
    ended: ended.promise,
    end: ended.resolve,
    stop: async () => ended.resolve({ code: 0, signal: null }),
  };
}

test('an execution that faults again and again is set aside, and runs when it is retried', async () => {
  const world = await createWorld();
  const executionId = await world.start(passes(1));
  const [{ body } = { body: '' }] = await world.sql<{ body: string }>(
    'select body from statehouse.journal where execution_id = $1',
    [executionId],
  );
  const setBody = (text: string) =>
    world.sql('update statehouse.journal set body = $2 where execution_id = $1', [executionId, text]);
  await setBody('[{"type":"Nonsense"}]');
  const worker = await world.worker({ workerTimeoutSeconds: 3600 });
  await vi.waitFor(
    async () => {
      await world.advance(31);
      await worker.services.heartbeat.runOnce();
      await worker.services.ticker.runOnce();
      await worker.services.suspects.runOnce();
      expect(await world.store.suspects.find(executionId)).toBeDefined();
    },
    { timeout: 30_000, interval: 100 },
  );
  expect((await world.store.suspects.find(executionId))?.reason).toMatch(/Nonsense|TypeError|Error/);
  await setBody(body);
  await world.store.suspects.retry(executionId);
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
});

test('a claim that Postgres throws at is a strike for its execution, and none for those beside it', async () => {
  const world = await createWorld();
  const executionIds = await Promise.all(Array.from({ length: 5 }, () => world.start(passes(1))));
  const [guilty, ...innocent] = executionIds as [string, ...string[]];
  await world.sql(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'poisonous'; end $$;
    create trigger refuse before update of owner on statehouse.executions for each row
      when (old.id = ${guilty}) execute function refuse()`);
  await world.worker();
  for (const executionId of innocent) expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
  const suspects = () =>
    world.sql('select execution_id, reason from statehouse.suspects where execution_id = any ($1)', [
      executionIds,
    ]);
  await expect.poll(suspects).toEqual([{ execution_id: guilty, reason: '"error: poisonous"' }]);
});

test('a worker starts one process for suspects, and another one when that died', async () => {
  const world = await createWorld();
  const executionId = await world.start(passes(1));
  await strike(world, executionId, 2);
  const started: ReturnType<typeof isolatedProcess>[] = [];
  const start = () => {
    const isolated = isolatedProcess();
    started.push(isolated);
    return isolated;
  };
  const worker = await world.worker({ suspects: { policy: 'left', start } });
  await worker.services.suspects.runOnce();
  await worker.services.suspects.runOnce();
  expect(started.length).toBe(1);
  started[0]?.end({ code: null, signal: 'SIGKILL' });
  await vi.waitFor(async () => {
    await worker.services.suspects.runOnce();
    expect(started.length).toBe(2);
  });
  expect((await world.record(executionId)).status).toBe('RUNNING');
  await worker.stop();
  expect(await started[1]?.ended).toEqual({ code: 0, signal: null });
});

test('a worker for suspects runs them one by one, leaves the rest to others, and is done', async () => {
  const world = await createWorld({ work: () => succeed('done'), more: () => succeed('more') });
  const two = sequence([
    ['work', { Type: 'Task', Resource: functionArn('work') }],
    ['more', { Type: 'Task', Resource: functionArn('more') }],
  ]);
  const suspects = [await world.start(two), await world.start(two), await world.start(two)];
  for (const executionId of suspects) await strike(world, executionId, 2);
  const innocent = await world.start(task('work'));
  const seen: string[] = [];
  await world.worker({
    suspects: { policy: 'only', finished: () => {} },
    watcher: {
      watch: ({ identity }) => {
        seen.push(`begin ${identity.executionArn}`);
        return { record: (events) => events.length > 1 && seen.push(`append ${identity.executionArn}`) };
      },
    },
  });
  const types = async (executionId: string) => (await world.journal(executionId)).map(({ type }) => type);
  for (const executionId of suspects)
    await vi.waitFor(async () => expect(await types(executionId)).toContain('TaskStateEntered'));
  expect(await types(innocent)).toEqual(['ExecutionStarted']);
  // Each began after the one before it had appended.
  const begun = seen.flatMap((what, at) => (what.startsWith('begin') ? [at] : []));
  expect(begun.length).toBe(3);
  for (const at of begun.slice(1))
    expect(seen.slice(0, at)).toContain(
      seen[begun[begun.indexOf(at) - 1] as number]?.replace('begin', 'append'),
    );
  await world.worker({ suspects: { policy: 'left', start: isolatedProcess } });
  for (const executionId of [...suspects, innocent])
    expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
  // Handed over or not, each attempt was sent once.
  expect(new Set(world.tasks.received).size).toBe(world.tasks.received.length);
});

test('a call that ends each worker which makes it, again and again, is set aside; its neighbours end', async () => {
  const calls = { deadly: 0 };
  let called = Promise.withResolvers<void>();
  const world = await createWorld({
    deadly: () => {
      calls.deadly++;
      called.resolve();
      return new Promise(() => {});
    },
    slow: (_call, attempt) => (attempt <= 2 ? new Promise(() => {}) : succeed('at last')),
  });
  const rerun = { Comment: 'It knows repeated keys. statehouse:rerun' };
  const guilty = await world.start(task('deadly', rerun));
  const neighbour = await world.start(task('slow', { Retry: RETRY_LOST }));
  const die = async (policy: SuspectPolicy) => {
    await called.promise;
    called = Promise.withResolvers();
    if (policy === 'left')
      await vi.waitFor(() => expect(world.tasks.received).toHaveLength(2 * calls.deadly), {
        timeout: 10_000,
      });
    // In one transaction: no heartbeat comes between.
    await world.sql(
      `update statehouse.workers set heartbeat_at = case suspects when '${policy}' then timestamptz 'epoch' else 'infinity' end;
       select statehouse.reconcile(0)`,
    );
    return world.store.suspects.find(guilty);
  };
  for (let n = 0; n < 2; n++) {
    const worker = await world.worker({ suspects: { policy: 'left', start: isolatedProcess } });
    expect(await die('left')).toBeUndefined();
    await worker.stop();
  }
  await world.worker({ suspects: { policy: 'left', start: isolatedProcess } });
  for (const isSetAside of [false, false, true]) {
    const worker = await world.worker({ suspects: { policy: 'only', finished: () => {} } });
    expect((await die('only')) !== undefined).toBe(isSetAside);
    await worker.stop();
  }
  expect(await world.ended(neighbour)).toMatchObject({ status: 'SUCCEEDED', output: '"at last"' });
  expect(await world.record(guilty)).toMatchObject({ status: 'RUNNING' });
  expect(calls.deadly).toBe(5);
});

test('a process for suspects is over when there have been none for a while', async () => {
  const clock = new ManualClock();
  const finished = vi.fn();
  const none = { size: 0, claim: async () => {}, whenIdle: async () => {}, advance: async () => false };
  let waiting: string | undefined = '1';
  const runs = new SuspectRuns({
    suspects: { next: async () => waiting },
    engine: none,
    express: none,
    clock,
    finished,
  });
  clock.advance(10_001);
  await runs.runOnce();
  waiting = undefined;
  clock.advance(10_000);
  await runs.runOnce();
  expect(finished).not.toHaveBeenCalled();
  clock.advance(1);
  await runs.runOnce();
  expect(finished).toHaveBeenCalledOnce();
});
