import { describe, expect, test } from 'vitest';
import { FOLD_VERSION } from '../../runtime/execution/snapshot.ts';
import type { Claim, Park } from '../../store/lease.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, NOON, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

const parkOf = (claim: Claim, overrides: Partial<Park> = {}): Park => ({
  executionId: claim.executionId,
  epoch: claim.epoch,
  signals: claim.signals,
  wakeAt: NOON,
  snapshot: undefined,
  ...overrides,
});

describe('park', () => {
  test('gives the lease back until the given time', async () => {
    const { executionId, claim } = await fixture().owned();
    expect(await fixture().store.leases.park(parkOf(claim))).toBe(true);
    expect(await fixture().row(executionId)).toMatchObject({ owner: null, wake_at: new Date(NOON) });
  });

  test('true when the lease had gone before, and nothing changes', async () => {
    const { executionId, workerId, claim } = await fixture().owned();
    await fixture().store.workers.unregister(workerId);
    const successor = await fixture().claim(executionId, await fixture().worker());
    expect(await fixture().store.leases.park(parkOf(claim))).toBe(true);
    expect(await fixture().store.leases.append(appendTo(successor))).toBe('won');
  });

  test('true when the execution was stopped', async () => {
    const { executionId, claim } = await fixture().owned();
    await fixture().store.executions.stop(executionId, stopWith());
    expect(await fixture().store.leases.park(parkOf(claim))).toBe(true);
    expect(await fixture().row(executionId)).toMatchObject({ status: 'ABORTED' });
  });

  test('false while there are signals that the owner has not folded', async () => {
    const { executionId } = await fixture().parkedOnToken('unfolded');
    await fixture().store.leases.signal({
      token: 'unfolded',
      place: PLACE,
      kind: 'CallbackSucceeded',
      body: '1',
    });
    const claim = await fixture().claim(executionId, await fixture().worker());
    expect(claim.signals).toBe(1);
    expect(await fixture().store.leases.park(parkOf(claim, { signals: 0 }))).toBe(false);
    expect(await fixture().store.leases.append(appendTo(claim))).toBe('won');
  });
});

describe('snapshot', () => {
  const snapshot = { seq: 2, version: FOLD_VERSION, body: '{"folded":true}' };

  test('comes with the next claim, and of the journal only what follows it', async () => {
    const { executionId, workerId, claim } = await fixture().owned();
    await fixture().store.leases.append(appendTo(claim));
    await fixture().store.leases.park(parkOf(claim, { snapshot }));
    const second = await fixture().claim(executionId, workerId);
    expect(second.snapshot).toEqual(snapshot);
    expect(second.journal).toEqual([]);
    await fixture().store.leases.append(appendTo(second));
    await fixture().store.leases.park(parkOf(second));
    const third = await fixture().claim(executionId, workerId);
    expect(third.snapshot).toEqual(snapshot);
    expect(third.journal.map((row) => row.seq)).toEqual([3]);
  });

  test('is replaced by a later one', async () => {
    const { executionId, workerId, claim } = await fixture().owned();
    await fixture().store.leases.park(parkOf(claim, { snapshot: { ...snapshot, seq: 1 } }));
    const second = await fixture().claim(executionId, workerId);
    await fixture().store.leases.append(appendTo(second));
    await fixture().store.leases.park(parkOf(second, { snapshot }));
    expect((await fixture().claim(executionId, workerId)).snapshot).toEqual(snapshot);
  });

  test('of another version is ignored: the whole journal comes', async () => {
    const { executionId, workerId, claim } = await fixture().owned();
    const version = FOLD_VERSION + 1;
    await fixture().store.leases.park(parkOf(claim, { snapshot: { ...snapshot, seq: 1, version } }));
    const second = await fixture().claim(executionId, workerId);
    expect(second.snapshot).toBeUndefined();
    expect(second.journal.map((row) => row.seq)).toEqual([1]);
  });

  test('is not stored when the execution is not parked', async () => {
    const { executionId, workerId, claim } = await fixture().owned();
    await fixture().store.workers.unregister(workerId);
    await fixture().store.leases.park(parkOf(claim, { snapshot: { ...snapshot, seq: 1 } }));
    expect((await fixture().claim(executionId, await fixture().worker())).snapshot).toBeUndefined();
  });
});

describe('park against signal, whoever comes first', () => {
  /** An owned execution with an open token. */
  async function ownedWithToken(token: string) {
    const owned = await fixture().owned();
    await fixture().store.leases.append(
      appendTo(owned.claim, { openTokens: [{ token, scheduledEventId: owned.claim.nextEventId }] }),
    );
    return owned;
  }

  test('a signal that commits while the park waits keeps the execution hot', async () => {
    const { executionId, workerId, claim } = await ownedWithToken('signal-first');
    const session = await fixture().session();
    await session.query('begin');
    await session.query(
      `select statehouse.signal('signal-first', 'aws:us-east-1:000000000000', 'CallbackSucceeded', '"x"')`,
    );
    const parked = fixture().store.leases.park(parkOf(claim));
    await fixture().untilBlockedBy(session);
    await session.query('commit');
    session.release();
    expect(await parked).toBe(false);
    expect((await fixture().store.leases.mail(workerId, { limit: 100 })).mail).toMatchObject([
      { executionId },
    ]);
    expect(await fixture().row(executionId)).toMatchObject({ owner: workerId });
  });

  test('a signal that waits for the park makes a job', async () => {
    const { executionId, claim } = await ownedWithToken('park-first');
    await fixture().deleteJobs();
    const session = await fixture().session();
    await session.query('begin');
    await session.query(
      `select statehouse.park(array[$1::bigint], array[$2::int], array[0], array[null::float8], '{}', '{}', '{}', '')`,
      [executionId, claim.epoch],
    );
    const sent = fixture().store.leases.signal({
      token: 'park-first',
      place: PLACE,
      kind: 'CallbackSucceeded',
      body: '"x"',
    });
    await fixture().untilBlockedBy(session);
    await session.query('commit');
    session.release();
    expect(await sent).toBe('sent');
    expect(await fixture().jobs()).toEqual([executionId]);
    const next = await fixture().claim(executionId, await fixture().worker());
    expect(next.mail).toHaveLength(1);
    expect(next.signals).toBe(1);
  });
});
