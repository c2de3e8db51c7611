/** A call whose connection broke for its caller is served after all: when its repetition has been answered, or before. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeEvents } from '../../runtime/execution/codec.ts';
import { redrivenEvent } from '../../runtime/execution/lifecycle.ts';
import type { Redrive } from '../../store/execution.ts';
import type { Store } from '../../store/store.ts';
import { NOON, stopWith, useStore } from './fixture.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

const redriveBody: Redrive['body'] = (event) =>
  encodeEvents([redrivenEvent({ ...event, timeoutSeconds: undefined })]);

const fixture = useStore();
let proxy: TcpProxy;
let store: Store;

beforeAll(async () => {
  proxy = await tcpProxy(fixture().url);
  store = await fixture().another({ url: proxy.url });
});
afterAll(() => proxy.close());

/** A claim that was kept back, and won by its repetition. */
async function claimedTwice() {
  const executionId = await fixture().started();
  const workerId = await fixture().worker();
  const coming = proxy.keepBack('statehouse.claim');
  const claim = store.leases.claim(executionId, workerId);
  const late = await coming;
  late.breakOff();
  const { epoch = 0 } = (await claim) ?? {};
  const park = { executionId, epoch, signals: 0, wakeAt: NOON, snapshot: undefined };
  return { executionId, workerId, epoch, park, late };
}

test('a late claim of an execution that its repetition has claimed changes nothing', async () => {
  const { executionId, workerId, epoch, late } = await claimedTwice();
  await late.serve();
  expect(epoch).toBe(1);
  expect(await fixture().row(executionId)).toMatchObject({ owner: workerId, owner_epoch: epoch });
});

test('a late claim takes nothing that has been given back since', async () => {
  const { executionId, workerId, park, late } = await claimedTwice();
  expect(await store.leases.park(park)).toBe(true);
  await late.serve();
  expect(await fixture().row(executionId)).toMatchObject({ owner: null, owner_epoch: 2 });
  expect(await store.leases.claim(executionId, workerId)).toMatchObject({ epoch: 3 });
});

test('a late claim takes nothing that another worker has had and given back since', async () => {
  const { executionId, park, late } = await claimedTwice();
  await store.leases.park(park);
  const other = await fixture().claim(executionId, await fixture().worker());
  await fixture().store.leases.park({ ...park, epoch: other.epoch });
  await late.serve();
  expect(await fixture().row(executionId)).toMatchObject({ owner: null, owner_epoch: 4 });
});

test('a claim of a worker that does not number its attempts is taken as ever', async () => {
  const executionId = await fixture().started();
  const [claimed] = await fixture().query(
    'select epoch from statehouse.claim(array[$1::bigint], array[$2::bigint], array[7::bigint], 1)',
    [executionId, await fixture().worker()],
  );
  expect(claimed).toEqual({ epoch: 1 });
});

/** Resolves once so many sessions wait for locks. */
async function untilWaiting(count: number): Promise<void> {
  for (;;) {
    const waiting = await fixture().query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (waiting.length === count) return;
  }
}

test('a stop whose COMMIT is late is waited for by its repetition, and ends nothing that is redriven in between', async () => {
  const executionId = await fixture().started({ startedAt: Date.now() });
  const redrive = { clientToken: undefined, body: redriveBody };
  const coming = proxy.keepBack('commit');
  const stopped = store.executions.stop(executionId, stopWith());
  const late = await coming;
  const redriven = fixture().store.executions.redrive(executionId, redrive);
  await untilWaiting(1);
  late.breakOff();
  await untilWaiting(2);
  await late.serve();
  expect(await redriven).toMatchObject({ kind: 'redriven' });
  expect(await stopped).toMatchObject({ seq: 2 });
  expect(await fixture().row(executionId)).toMatchObject({
    status: 'RUNNING',
    redrive_count: 1,
    head_seq: 3,
  });
});
