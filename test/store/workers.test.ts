import { beforeEach, describe, expect, test } from 'vitest';
import type { WorkerNews } from '../../store/worker.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

const MINUTE = 60_000;
/** A store for which the database's clock is so far ahead that everything unowned is due. */
const later = (ms: number) => fixture().another({ now: Date.now() + ms });

// What one test leaves behind is due in the next.
beforeEach(async () => {
  await fixture().query(`update statehouse.executions set status = 'ABORTED', owner = null`);
  await fixture().query('delete from statehouse.workers');
  await fixture().deleteJobs();
});

describe('heartbeat', () => {
  test('tells the time, and whether the worker is still taken for alive', async () => {
    const at = Date.UTC(2030, 1, 2, 3, 4, 5, 678);
    const store = await fixture().another({ now: at });
    const worker = await store.workers.register({ hostname: 'h', pid: 7, version: '1' });
    expect(worker.time).toBe(at);
    expect(await store.workers.heartbeat(worker)).toMatchObject({ alive: true, time: at });
    await store.workers.unregister(worker.workerId);
    expect(await store.workers.heartbeat(worker)).toMatchObject({ alive: false, time: at });
  });

  test('does not wait for connections that a lock keeps', async () => {
    const store = await fixture().another();
    const worker = await store.workers.register({ hostname: 'h', pid: 7, version: '1' });
    const executionId = await fixture().started();
    const session = await fixture().session();
    await session.query('begin');
    await session.query('lock table statehouse.journal');
    const waiting = Array.from({ length: 20 }, () =>
      store.executions.journal(executionId, { from: 1, to: 1 }),
    );
    await fixture().untilBlockedBy(session);
    expect(await store.workers.heartbeat(worker)).toMatchObject({ alive: true });
    await session.query('rollback');
    session.release();
    await Promise.all(waiting);
  });
});

describe('the incarnation of the database', () => {
  const info = { hostname: 'h', pid: 7, version: '1' };

  test('names the server, its timeline and the database', async () => {
    const { incarnation } = await fixture().store.workers.register(info);
    expect(incarnation).toMatch(/^\d+ [0-9A-F]{8} \d+$/);
  });

  test('another one: the worker is to stop, also if somebody has its id there', async () => {
    const { workers } = fixture().store;
    const worker = await workers.register(info);
    const known = await fixture().query<{ definition: string }>(
      `select pg_get_functiondef('statehouse.incarnation'::regproc) as definition`,
    );
    await fixture().query(
      `create or replace function statehouse.incarnation() returns text language sql as $$ select 'another' $$`,
    );
    expect(await workers.heartbeat(worker)).toMatchObject({ alive: false });
    await fixture().query(`update statehouse.workers set incarnation = 'another'`);
    expect(await workers.heartbeat(worker)).toMatchObject({ alive: false });
    expect(await workers.heartbeat({ ...worker, incarnation: 'another' })).toMatchObject({ alive: true });
    await fixture().query(known[0]?.definition ?? '');
  });

  test('an older copy of the same server: its write-ahead log has not come so far', async () => {
    const { workers } = fixture().store;
    const worker = await workers.register(info);
    const { walPosition } = await workers.heartbeat(worker);
    expect(BigInt(walPosition)).toBeGreaterThanOrEqual(BigInt(worker.walPosition));
    const ahead = String(BigInt(walPosition) + 1_000_000_000n);
    expect(await workers.heartbeat({ ...worker, walPosition: ahead })).toMatchObject({ alive: false });
    expect(await workers.heartbeat({ ...worker, walPosition })).toMatchObject({ alive: true });
  });
});

describe('unregister', () => {
  test('gives the leases back, with a job each', async () => {
    const { executionId, workerId, claim } = await fixture().owned();
    await fixture().deleteJobs();
    await fixture().store.workers.unregister(workerId);
    expect(await fixture().row(executionId)).toMatchObject({ owner: null, owner_epoch: claim.epoch + 1 });
    expect(await fixture().jobs()).toEqual([executionId]);
  });

  test('waits for a claim that is under way, and takes its lease back too', async () => {
    const executionId = await fixture().started();
    const workerId = await fixture().worker();
    const session = await fixture().session();
    await session.query('begin');
    await session.query('select from statehouse.claim(array[$1::bigint], array[$2::bigint], array[1], 1)', [
      executionId,
      workerId,
    ]);
    const unregistered = fixture().store.workers.unregister(workerId);
    await fixture().untilBlockedBy(session);
    await session.query('commit');
    session.release();
    await unregistered;
    expect(await fixture().row(executionId)).toMatchObject({ owner: null });
  });
});

describe('wakeDue', () => {
  test('leaves alone what was started just now: its job is on the way', async () => {
    await fixture().started();
    expect(await fixture().store.workers.wakeDue(10, 0)).toBe(0);
  });

  test('makes jobs for parked executions whose time has come, once', async () => {
    const { executionId, claim } = await fixture().owned();
    const wakeAt = Date.now() + MINUTE;
    await fixture().store.leases.park({ ...claim, wakeAt, snapshot: undefined });
    await fixture().deleteJobs();
    expect(await fixture().store.workers.wakeDue(10, 0)).toBe(0);
    const store = await later(MINUTE);
    expect(await store.workers.wakeDue(10, 0)).toBe(1);
    expect(await store.workers.wakeDue(10, 0)).toBe(0);
    expect(await fixture().jobs()).toEqual([executionId]);
  });

  test('tries again when the job led to nothing', async () => {
    const executionId = await fixture().started();
    await fixture().deleteJobs();
    expect(await (await later(MINUTE)).workers.wakeDue(10, 0)).toBe(1);
    await fixture().deleteJobs();
    expect(await (await later(2 * MINUTE)).workers.wakeDue(10, 0)).toBe(1);
    expect(await fixture().jobs()).toEqual([executionId]);
  });

  test('never for what waits for a signal only, until there is one', async () => {
    const { executionId } = await fixture().parkedOnToken('only-signal');
    const store = await later(365 * 24 * 60 * MINUTE);
    expect(await store.workers.wakeDue(10, 0)).toBe(0);
    await fixture().store.leases.signal({
      token: 'only-signal',
      place: PLACE,
      kind: 'CallbackSucceeded',
      body: '1',
    });
    await fixture().deleteJobs();
    expect(await store.workers.wakeDue(10, 0)).toBe(1);
    expect(await fixture().jobs()).toEqual([executionId]);
  });

  test('neither for what is owned nor for what is closed', async () => {
    await fixture().owned();
    await fixture().store.executions.stop(await fixture().started(), stopWith());
    expect(await (await later(MINUTE)).workers.wakeDue(10, 0)).toBe(0);
  });

  test('longest due first, at most so many, each by one ticker', async () => {
    const ids: string[] = [];
    for (const seconds of [30, 10, 20, 40]) {
      const { executionId, claim } = await fixture().owned();
      ids.push(executionId);
      await fixture().store.leases.park({
        ...claim,
        wakeAt: Date.now() + seconds * 1000,
        snapshot: undefined,
      });
    }
    await fixture().deleteJobs();
    const stores = [await later(MINUTE), await later(MINUTE)];
    expect(await stores[0]?.workers.wakeDue(2, 0)).toBe(2);
    expect((await fixture().jobs()).sort()).toEqual([ids[1], ids[2]].sort());
    const woken = await Promise.all(stores.map((store) => store.workers.wakeDue(10, 0)));
    expect(woken.reduce((sum, count) => sum + count)).toBe(2);
    expect((await fixture().jobs()).sort()).toEqual([...ids].sort());
  });

  test('only while fewer jobs wait: behind a backlog none is lost', async () => {
    const ids = [await fixture().started(), await fixture().started(), await fixture().started()];
    const store = await later(MINUTE);
    expect(await store.workers.wakeDue(3, 0)).toBe(0);
    await fixture().query(
      `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'runner' where payload->>'executionId' = $1`,
      [ids[0]],
    );
    expect(await store.workers.wakeDue(3, 0)).toBe(1);
    expect(await fixture().jobs()).toHaveLength(4);
    expect(await store.workers.wakeDue(10, 0)).toBe(2);
  });

  test('jobs of others, in the same tables, are no backlog', async () => {
    await fixture().started();
    await fixture().deleteJobs();
    await fixture().query(`select graphile_worker.add_job('theirs') from generate_series(1, 3)`);
    expect(await (await later(MINUTE)).workers.wakeDue(3, 0)).toBe(1);
    await fixture().deleteJobs();
  });

  test('does not wait for rows that somebody is working on', async () => {
    const [locked, free] = [await fixture().started(), await fixture().started()];
    await fixture().deleteJobs();
    const session = await fixture().session();
    await session.query('begin');
    await session.query('select 1 from statehouse.executions where id = $1 for no key update', [locked]);
    expect(await (await later(MINUTE)).workers.wakeDue(10, 0)).toBe(1);
    await session.query('rollback');
    session.release();
    expect(await fixture().jobs()).toEqual([free]);
  });
});

describe('reconcile', () => {
  test('takes silent workers for dead and frees what they owned', async () => {
    const dead = await fixture().owned();
    const store = await later(MINUTE);
    const alive = await store.workers.register({ hostname: 'h', pid: 1, version: '0' });
    const kept = await fixture().started();
    await store.leases.claim(kept, alive.workerId);
    await fixture().deleteJobs();

    expect(await store.workers.reconcile(10_000)).toMatchObject({ deadWorkers: 1, rescued: 1 });
    expect(await fixture().jobs()).toEqual([dead.executionId]);
    expect(await store.workers.heartbeat({ ...alive, workerId: dead.workerId })).toMatchObject({
      alive: false,
    });
    expect(await store.leases.append(appendTo(dead.claim))).toBe('lost');
    expect(await store.leases.claim(dead.executionId, dead.workerId)).toBeUndefined();
    expect(await store.workers.heartbeat(alive)).toMatchObject({ alive: true });
    expect(await fixture().row(kept)).toMatchObject({ owner: alive.workerId });
    expect(await store.leases.claim(dead.executionId, alive.workerId)).toMatchObject({ epoch: 3 });
  });

  test('spares a worker that was silent because Postgres was down', async () => {
    const worker = await fixture().store.workers.register({ hostname: 'h', pid: 1, version: '0' });
    await fixture().query(`update statehouse.workers set heartbeat_at = '1970-01-01'`);
    await fixture().store.workers.reconcile(365 * 24 * 60 * MINUTE);
    expect(await fixture().store.workers.heartbeat(worker)).toMatchObject({ alive: true });
  });

  test('deleting every job loses nothing, wherever the executions are', async () => {
    const fresh = await fixture().started();
    const released = await fixture().owned();
    await fixture().store.workers.unregister(released.workerId);
    const signalled = await fixture().parkedOnToken('loses-nothing');
    await fixture().store.leases.signal({
      token: 'loses-nothing',
      place: PLACE,
      kind: 'CallbackSucceeded',
      body: '1',
    });
    const owned = await fixture().owned();
    await fixture().deleteJobs();

    const store = await later(MINUTE);
    await store.workers.reconcile(10_000);
    await store.workers.wakeDue(100, 0);
    expect((await fixture().jobs()).sort()).toEqual(
      [fresh, released.executionId, signalled.executionId, owned.executionId].sort(),
    );
  });
});

describe('listen', () => {
  /** News as they come, to be awaited one by one. */
  async function listening(workerId: string) {
    const arrived: WorkerNews[] = [];
    let wake = () => {};
    const end = await fixture().store.workers.listen(workerId, (news) => {
      arrived.push(news);
      wake();
    });
    const next = async (): Promise<WorkerNews> => {
      for (;;) {
        const news = arrived.shift();
        if (news) return news;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    return { next, end };
  }

  test('mail and stops of what the worker owns, and of nothing else', async () => {
    const other = await fixture().owned();
    const { executionId, workerId } = await fixture().parkedOnToken('news');
    const { next, end } = await listening(workerId);
    await fixture().store.executions.stop(other.executionId, stopWith());
    await fixture().claim(executionId, workerId);
    await fixture().store.leases.signal({
      token: 'news',
      place: PLACE,
      kind: 'HeartbeatReceived',
      body: 'null',
    });
    expect(await next()).toEqual({ kind: 'mail' });
    await fixture().store.executions.stop(executionId, stopWith());
    expect(await next()).toEqual({ kind: 'stopped', executionId, epoch: 4 });
    await end();
  });

  test('a connection that is lost comes back, and says so', async () => {
    const { executionId, workerId } = await fixture().owned();
    const { next, end } = await listening(workerId);
    await fixture().query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where query = 'listen statehouse_news' and datname = current_database()`,
    );
    expect(await next()).toEqual({ kind: 'reconnected' });
    await fixture().store.executions.stop(executionId, stopWith());
    expect(await next()).toEqual({ kind: 'stopped', executionId, epoch: 2 });
    await end();
  });

  test('ends', async () => {
    const { end } = await listening(await fixture().worker());
    await end();
    expect(
      await fixture().query(
        `select 1 from pg_stat_activity where query = 'listen statehouse_news' and datname = current_database()`,
      ),
    ).toEqual([]);
  });
});
