import { describe, expect, onTestFinished, test } from 'vitest';
import { ActivityPollers } from '../../api/activity-tasks/activity-pollers.ts';
import type { Polled } from '../../api/activity-tasks/poller-queues.ts';
import type { ActivityStore } from '../../store/activity.ts';
import { logger, stopWith, useStore } from '../store/fixture.ts';
import { PLACE } from '../support/place.ts';
import { ManualClock } from '../worker/manual-clock.ts';

const fixture = useStore();
const POLL_MS = 60_000;

/** The pollers of one API process. */
function pollers(activities: Partial<ActivityStore> = {}) {
  const clock = new ManualClock();
  const closing = new AbortController();
  const room = new ActivityPollers({
    activities: { ...fixture().store.activities, ...activities },
    clock,
    closing: closing.signal,
    logger,
  });
  onTestFinished(() => {
    closing.abort();
    return room.close();
  });
  const poll = (activityId: string, workerName?: string, gone = new AbortController()): Promise<Polled> =>
    room.poll({ activityId, workerName }, gone.signal);
  return { room, clock, closing, poll };
}

const tokenOf = (polled: Polled) => (typeof polled === 'string' ? polled : polled.token);

/** Resolves when all that was asked of the store so far has been answered. */
async function settled(activities: ActivityStore = fixture().store.activities): Promise<void> {
  await activities.take([]);
  await new Promise((resolve) => setImmediate(resolve));
}

/** A store's activities, of which no news are heard. */
const deaf: Partial<ActivityStore> = { listen: async () => async () => {} };

describe('a poller', () => {
  test('gets what is there at once', async () => {
    const { id } = await fixture().activity();
    await fixture().offering(id, 'waiting-1', 'waiting-2');
    const { poll } = pollers();
    expect(await poll(id)).toEqual({ token: 'waiting-1', input: '{"of":"waiting-1"}' });
    expect(tokenOf(await poll(id))).toBe('waiting-2');
  });

  test('gets what comes while it waits, without any time going by', async () => {
    const { id } = await fixture().activity();
    const { poll } = pollers();
    const first = poll(id);
    const second = poll(id);
    await fixture().offering(id, 'coming-1');
    await fixture().offering(id, 'coming-2');
    expect([tokenOf(await first), tokenOf(await second)]).toEqual(['coming-1', 'coming-2']);
  });

  test('gets what it was not told of within a second', async () => {
    const { id } = await fixture().activity();
    const { poll, clock } = pollers(deaf);
    const polled = poll(id);
    await settled();
    await fixture().offering(id, 'untold');
    clock.advance(1000);
    expect(tokenOf(await polled)).toBe('untold');
  });

  test('waits for a minute, and then gets nothing', async () => {
    const { id } = await fixture().activity();
    const { poll, clock } = pollers();
    const outcome: Polled[] = [];
    const polled = poll(id).then((got) => outcome.push(got));
    await settled();
    clock.advance(POLL_MS - 1);
    await settled();
    expect(outcome).toEqual([]);
    clock.advance(1);
    await polled;
    expect(outcome).toEqual(['none']);
    expect(clock.timers).toBe(0);
  });

  test('waits its own minute, whenever others began', async () => {
    const { id } = await fixture().activity();
    const { poll, clock } = pollers();
    const early = poll(id);
    await settled();
    clock.advance(POLL_MS / 2);
    const late = poll(id);
    await settled();
    clock.advance(POLL_MS / 2);
    expect(await early).toBe('none');
    await fixture().offering(id, 'for-the-late');
    expect(tokenOf(await late)).toBe('for-the-late');
  });

  test('that has hung up gets no task: the next one does', async () => {
    const { id } = await fixture().activity();
    const { poll } = pollers();
    const gone = new AbortController();
    const hungUp = poll(id, 'gone', gone);
    const next = poll(id, 'next');
    await settled();
    gone.abort();
    expect(await hungUp).toBe('none');
    await fixture().offering(id, 'not-lost');
    expect(tokenOf(await next)).toBe('not-lost');
    expect(await poll(id, 'gone', gone)).toBe('none');
  });

  test('is told when its activity is deleted', async () => {
    const { id, name } = await fixture().activity();
    const other = await fixture().activity();
    const { poll } = pollers();
    const waiting = [poll(id), poll(id)];
    const elsewhere = poll(other.id);
    await settled();
    await fixture().store.activities.delete(PLACE, name);
    expect(await Promise.all(waiting)).toEqual(['missing', 'missing']);
    await fixture().offering(other.id, 'elsewhere');
    expect(tokenOf(await elsewhere)).toBe('elsewhere');
  });

  test('gets no task whose execution has ended', async () => {
    const { id } = await fixture().activity();
    const { executionId } = await fixture().offering(id, 'ended');
    await fixture().store.executions.stop(executionId, stopWith());
    await fixture().offering(id, 'running');
    expect(tokenOf(await pollers().poll(id))).toBe('running');
  });
});

test('no more than a thousand wait for one activity', async () => {
  const [one, other] = [await fixture().activity(), await fixture().activity()];
  const { poll, closing } = pollers();
  const waiting = Array.from({ length: 1000 }, () => poll(one.id));
  await expect(poll(one.id)).rejects.toMatchObject({
    name: 'ActivityWorkerLimitExceeded',
    message: 'The maximum number of workers concurrently polling for activity tasks has been reached.',
  });
  waiting.push(poll(other.id));
  await fixture().offering(one.id, 'makes-room');
  expect(tokenOf((await waiting[0]) ?? 'none')).toBe('makes-room');
  waiting.push(poll(one.id));
  closing.abort();
  expect((await Promise.all(waiting)).filter((polled) => polled === 'none')).toHaveLength(1001);
});

test('when the server closes, nobody waits any longer, and what was being taken still arrives', async () => {
  const { id } = await fixture().activity();
  const reached = Promise.withResolvers<void>();
  const proceed = Promise.withResolvers<void>();
  const { poll, closing, room, clock } = pollers({
    take: async (workers) => {
      const taken = await fixture().store.activities.take(workers);
      if (taken.tasks.every((task) => task === undefined)) return taken;
      reached.resolve();
      await proceed.promise;
      return taken;
    },
  });
  const idle = await fixture().activity();
  const waiting = poll(idle.id);
  await settled();
  await fixture().offering(id, 'in-hand');
  const offered = poll(id);
  await reached.promise;
  closing.abort();
  expect(await waiting).toBe('none');
  proceed.resolve();
  expect(tokenOf(await offered)).toBe('in-hand');
  expect(await poll(id)).toBe('none');
  await room.close();
  expect(clock.timers).toBe(0);
});

test('a database that fails for a moment keeps nobody from waiting', async () => {
  const { id } = await fixture().activity();
  const { activities } = fixture().store;
  let isDown = true;
  const whenUp = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (isDown) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    return ask();
  };
  const { poll, clock } = pollers({
    take: (workers) => whenUp(() => activities.take(workers)),
    haveNews: (ids) => whenUp(() => activities.haveNews(ids)),
    listen: (news) => whenUp(() => activities.listen(news)),
  });
  const polled = poll(id);
  await fixture().offering(id, 'after-the-outage');
  await settled();
  clock.advance(1000);
  await settled();
  isDown = false;
  clock.advance(1000);
  expect(tokenOf(await polled)).toBe('after-the-outage');
  // It listens again: no time has to go by.
  const next = poll(id);
  await fixture().offering(id, 'news-again');
  expect(tokenOf(await next)).toBe('news-again');
});

test('a worker whose task was taken, but not brought, is told so and is given no other one', async () => {
  const { id } = await fixture().activity();
  const { activities } = fixture().store;
  let isCut = true;
  const { poll } = pollers({
    take: async (workers) => {
      const taken = await activities.take(workers);
      if (isCut) throw new Error('Connection terminated unexpectedly');
      return taken;
    },
  });
  await fixture().offering(id, 'taken');
  await fixture().offering(id, 'still-there');
  expect(await poll(id)).toBe('lost');
  isCut = false;
  expect(tokenOf(await poll(id))).toBe('still-there');
});

test('thousands that wait cost one connection and two timers', async () => {
  const made = await Promise.all([1, 2, 3].map(() => fixture().activity()));
  const { poll, clock, closing } = pollers();
  const waiting = Array.from({ length: 2000 }, (_, n) => poll(made[n % 3]?.id ?? ''));
  await settled();
  for (let seconds = 0; seconds < 5; seconds++) {
    expect(clock.timers).toBeLessThanOrEqual(2);
    clock.advance(1000);
    await settled();
  }
  const listening = await fixture().query(
    `select pid from pg_stat_activity where query = 'listen statehouse_activities' and datname = current_database()`,
  );
  expect(listening).toHaveLength(1);
  const [sessions] = await fixture().query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database()`,
  );
  // The store's pool, the fixture's, and the one that listens.
  expect(sessions?.count).toBeLessThanOrEqual(10 + 10 + 1);
  closing.abort();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['none']));
});
