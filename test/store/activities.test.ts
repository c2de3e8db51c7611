import { describe, expect, test } from 'vitest';
import type { ActivityStore, Taken } from '../../store/activity.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, SUCCEEDED, stopWith, useStore } from './fixture.ts';

const fixture = useStore();
const ENCRYPTION = { type: 'AWS_OWNED_KEY' };

function take(activityId: string, ...workerNames: (string | undefined)[]): Promise<Taken> {
  return fixture().store.activities.take(workerNames.map((workerName) => ({ activityId, workerName })));
}

const tokensOf = ({ tasks }: Taken) => tasks.map((task) => task?.token);

describe('activities', () => {
  test('are created once; what is there already is answered as it is', async () => {
    const { activities } = fixture().store;
    const tags = [{ key: 'b', value: '1' }];
    const first = await activities.create({
      place: PLACE,
      name: 'once',
      encryptionConfiguration: ENCRYPTION,
      tags,
    });
    expect(first).toMatchObject({
      created: true,
      activity: { place: PLACE, name: 'once', encryptionConfiguration: ENCRYPTION, tags },
    });
    const again = await activities.create({ place: PLACE, name: 'once', encryptionConfiguration: {} });
    expect(again).toEqual({ created: false, activity: first.activity });
    expect(await activities.find(PLACE, 'once')).toEqual(first.activity);
  });

  test('created by many at the same moment, are one', async () => {
    const stores = [fixture().store, await fixture().another()];
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        stores[n % 2]?.activities.create({
          place: PLACE,
          name: 'raced',
          encryptionConfiguration: ENCRYPTION,
        }),
      ),
    );
    expect(made.filter((one) => one?.created)).toHaveLength(1);
    expect(new Set(made.map((one) => one?.activity.id)).size).toBe(1);
  });

  test('of other places are others', async () => {
    const elsewhere = { ...PLACE, region: 'eu-west-1' };
    const here = await fixture().activity('placed');
    expect(await fixture().store.activities.find(elsewhere, 'placed')).toBeUndefined();
    await fixture().store.activities.delete(elsewhere, 'placed');
    expect(await fixture().store.activities.find(PLACE, 'placed')).toEqual(here);
  });

  test('are counted in their place, up to a maximum', async () => {
    const place = { ...PLACE, region: 'counted' };
    const { activities } = fixture().store;
    for (const name of ['one', 'two', 'three'])
      await activities.create({ place, name, encryptionConfiguration: ENCRYPTION });
    expect(await activities.count(place, 10)).toBe(3);
    expect(await activities.count(place, 2)).toBe(2);
    await activities.delete(place, 'one');
    expect(await activities.count(place, 10)).toBe(2);
  });

  test('are listed page by page in the order of their creation, odd names as they are', async () => {
    const place = { ...PLACE, region: 'listed' };
    const { activities } = fixture().store;
    const given = ['b', 'a', 'ü\u{1f600}', 'c'];
    for (const name of given) await activities.create({ place, name, encryptionConfiguration: ENCRYPTION });
    const first = await activities.list({ place, limit: 3, after: undefined });
    const second = await activities.list({ place, limit: 3, after: first.at(-1)?.id });
    expect([...first, ...second].map(({ name }) => name)).toEqual(given);
  });

  test('ids that are asked for at the same moment are answered in the order of asking', async () => {
    const { id } = await fixture().activity('asked');
    const { activities } = fixture().store;
    const ids = ['asked', 'nobody', 'asked', '\u0000\u001e'].map((name) => activities.idOf(PLACE, name));
    expect(await Promise.all(ids)).toEqual([id, undefined, id, undefined]);
  });

  test('go with their tags, and come back as others without any', async () => {
    const { activities, tags } = fixture().store;
    const { id } = await fixture().activity('gone');
    await tags.add({ type: 'activity', id }, [{ key: 'k', value: 'v' }], 50);
    expect(await activities.find(PLACE, 'gone')).toMatchObject({ tags: [{ key: 'k', value: 'v' }] });
    await activities.delete(PLACE, 'gone');
    await activities.delete(PLACE, 'gone');
    expect(await activities.find(PLACE, 'gone')).toBeUndefined();
    expect(await tags.add({ type: 'activity', id }, [{ key: 'k', value: 'v' }], 50)).toBe('gone');
    expect(await fixture().activity('gone')).not.toMatchObject({ id });
    expect(await activities.find(PLACE, 'gone')).toMatchObject({ tags: [] });
  });
});

describe('take', () => {
  test('hands out a task once, starts it, and tells its execution by whom', async () => {
    const { id } = await fixture().activity();
    const { executionId, workerId } = await fixture().offering(id, 'once-only');
    expect(await take(id, 'w\u0000\u001e')).toEqual({
      tasks: [{ token: 'once-only', input: '{"of":"once-only"}' }],
      unexhausted: [id],
      missing: [],
    });
    expect(await take(id, 'w')).toEqual({ tasks: [undefined], unexhausted: [], missing: [] });
    expect((await fixture().store.leases.mail(workerId, { limit: 100 })).mail).toEqual([
      {
        id: expect.any(String),
        executionId,
        epoch: 1,
        signals: 1,
        kind: 'ActivityStarted',
        scheduledEventId: 2,
        body: JSON.stringify({ workerName: 'w\u0000\u001e' }),
      },
    ]);
    expect(await fixture().row(executionId)).toMatchObject({ signals: 1 });
  });

  test('serves tasks and workers in the order in which they came, many activities at a time', async () => {
    const [one, other] = [await fixture().activity(), await fixture().activity()];
    await fixture().offering(one.id, 'o1', 'o2');
    await fixture().offering(other.id, 'x1');
    await fixture().offering(one.id, 'o3');
    const workers = [other, one, one, other, one, one].map(({ id: activityId }, n) => ({
      activityId,
      workerName: `w${n}`,
    }));
    const taken = await fixture().store.activities.take(workers);
    expect(tokensOf(taken)).toEqual(['x1', 'o1', 'o2', undefined, 'o3', undefined]);
    expect(taken.unexhausted).toEqual([]);
    const names = await fixture().query<{ name: string }>(
      `select body::json->>'workerName' as name from statehouse.mailbox m
       join statehouse.task_tokens t using (execution_id, scheduled_event_id) where t.token = 'o3'`,
    );
    expect(names).toEqual([{ name: 'w4' }]);
  });

  test('says of which activities there may be more, and which there are not', async () => {
    const { id } = await fixture().activity();
    const gone = await fixture().activity();
    await fixture().offering(id, 'm1', 'm2', 'm3');
    await fixture().offering(gone.id, 'g1');
    await fixture().store.activities.delete(PLACE, gone.name);
    const workers = [gone, { id }, { id }].map(({ id }) => ({ activityId: id, workerName: undefined }));
    const taken = await fixture().store.activities.take(workers);
    expect(tokensOf(taken)).toEqual([undefined, 'm1', 'm2']);
    expect(taken).toMatchObject({ unexhausted: [id], missing: [gone.id] });
    expect(await take(id, 'a', 'b')).toMatchObject({ unexhausted: [] });
  });

  test('wakes a parked execution', async () => {
    const { id } = await fixture().activity();
    const { executionId, claim } = await fixture().offering(id, 'parked');
    const { epoch } = claim;
    await fixture().store.leases.park({ executionId, epoch, signals: 0, wakeAt: null, snapshot: undefined });
    await fixture().deleteJobs();
    await take(id, undefined);
    expect(await fixture().jobs()).toEqual([executionId]);
  });

  test.each(['an append that closes its token', 'the end of its execution', 'StopExecution'])(
    'finds nothing after %s',
    async (what) => {
      const { id } = await fixture().activity();
      const { executionId, claim } = await fixture().offering(id, what);
      const { leases, executions } = fixture().store;
      if (what === 'StopExecution') await executions.stop(executionId, stopWith());
      else
        await leases.append(
          appendTo(claim, what.startsWith('the end') ? { end: SUCCEEDED } : { closedTokens: [what] }),
        );
      expect(await fixture().store.activities.haveNews([id])).toEqual([]);
      expect(tokensOf(await take(id, 'w'))).toEqual([undefined]);
    },
  );

  test('hands out nothing of an attempt that ends while it waits for the execution', async () => {
    const { id } = await fixture().activity();
    const { executionId } = await fixture().offering(id, 'ending');
    await fixture().offering(id, 'staying');
    const session = await fixture().session();
    await session.query('begin');
    await session.query('select from statehouse.executions where id = $1 for update', [executionId]);
    const taking = take(id, 'w');
    await fixture().untilBlockedBy(session);
    await session.query('delete from statehouse.activity_tasks where execution_id = $1', [executionId]);
    await session.query('commit');
    session.release();
    // The next one is not lost, only later: it says so.
    expect(await taking).toEqual({ tasks: [undefined], unexhausted: [id], missing: [] });
    expect(tokensOf(await take(id, 'w'))).toEqual(['staying']);
  });

  test('lets takers of two processes have each task once, in its order', async () => {
    const { id } = await fixture().activity();
    const tokens = Array.from({ length: 30 }, (_, n) => `shared-${n}`);
    await fixture().offering(id, ...tokens);
    const stores: ActivityStore[] = [fixture().store.activities, (await fixture().another()).activities];
    const taken: (string | undefined)[][] = [[], []];
    await Promise.all(
      stores.map(async (store, n) => {
        while (taken.flat().length < tokens.length) {
          const got = await store.take(Array(3).fill({ activityId: id, workerName: undefined }));
          taken[n]?.push(...tokensOf(got).filter((token) => token !== undefined));
          if (got.unexhausted.length === 0) return;
        }
      }),
    );
    expect(taken.flat().sort()).toEqual(tokens.toSorted());
    const inOrder = (list: (string | undefined)[] = []) =>
      list.toSorted((a, b) => tokens.indexOf(a ?? '') - tokens.indexOf(b ?? ''));
    for (const list of taken) expect(list).toEqual(inOrder(list));
  });
});

describe('news', () => {
  test('are of tasks, of deletions, and of a connection that was lost', async () => {
    const { activities } = fixture().store;
    const { id, name } = await fixture().activity();
    const arrived: string[] = [];
    let wake = () => {};
    const end = await activities.listen((news) => {
      arrived.push(news);
      wake();
    });
    const next = async (): Promise<string> => {
      while (arrived.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return arrived.shift() ?? '';
    };
    await fixture().offering(id, 'news-1', 'news-2');
    expect(await next()).toBe(id);
    await fixture().query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where query = 'listen statehouse_activities' and datname = current_database()`,
    );
    expect(await next()).toBe('all');
    await activities.delete(PLACE, name);
    expect(await next()).toBe(id);
    expect(arrived).toEqual([]);
    await end();
  });

  test('are found by looking as well', async () => {
    const [idle, busy, gone] = [
      await fixture().activity(),
      await fixture().activity(),
      await fixture().activity(),
    ];
    await fixture().offering(busy.id, 'looked-for');
    await fixture().store.activities.delete(PLACE, gone.name);
    const found = await fixture().store.activities.haveNews([idle.id, busy.id, gone.id]);
    expect(found.sort()).toEqual([busy.id, gone.id].sort());
  });
});
