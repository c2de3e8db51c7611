import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeEvents } from '../../runtime/execution/codec.ts';
import { redrivenEvent } from '../../runtime/execution/lifecycle.ts';
import type { Redrive } from '../../store/execution.ts';
import type { Store } from '../../store/store.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, NOON, stopWith, useStore } from './fixture.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

const redriveBody: Redrive['body'] = (event) =>
  encodeEvents([redrivenEvent({ ...event, timeoutSeconds: undefined })]);

/** The connection breaks between COMMIT and its answer: the call is made again and must find itself. */
const fixture = useStore();
let proxy: TcpProxy;
let store: Store;

beforeAll(async () => {
  proxy = await tcpProxy(fixture().url);
  store = await fixture().another({ url: proxy.url });
});
afterAll(() => proxy.close());

test('start: the execution is started once, and the caller hears so', async () => {
  const execution = await fixture().newExecution();
  const broken = proxy.swallowAnswerTo('statehouse.start');
  const outcome = store.executions.start(execution);
  await broken;
  expect(await outcome).toMatchObject({ kind: 'started' });
  const rows = await fixture().query('select 1 from statehouse.executions where state_machine_id = $1', [
    execution.stateMachineId,
  ]);
  expect(rows).toHaveLength(1);
});

test('claim: the lease that was taken is handed over', async () => {
  const executionId = await fixture().started();
  const workerId = await fixture().worker();
  const broken = proxy.swallowAnswerTo('statehouse.claim');
  const claim = store.leases.claim(executionId, workerId);
  await broken;
  expect(await claim).toMatchObject({ executionId, epoch: 1 });
  expect(await fixture().row(executionId)).toMatchObject({ owner: workerId, owner_epoch: 1 });
});

test('append: the row that is there is mine, so I have won', async () => {
  const { executionId, claim } = await fixture().owned();
  const broken = proxy.swallowAnswerTo('statehouse.append');
  const outcome = store.leases.append(appendTo(claim));
  await broken;
  expect(await outcome).toBe('won');
  expect(await fixture().journal(executionId)).toEqual([1, 2]);
  expect(await fixture().row(executionId)).toMatchObject({ head_seq: 2 });
});

test('append: a child is started once, and is there', async () => {
  const { executionId, claim } = await fixture().owned();
  const execution = await fixture().newExecution();
  const broken = proxy.swallowAnswerTo('statehouse.append');
  const children = [{ scheduledEventId: 3, isAwaited: true, execution }];
  const outcome = store.leases.append(appendTo(claim, { children }));
  await broken;
  expect(await outcome).toBe('won');
  expect(await store.executions.children(executionId, [3])).toMatchObject([{ name: execution.name }]);
  const rows = await fixture().query('select 1 from statehouse.executions where state_machine_id = $1', [
    execution.stateMachineId,
  ]);
  expect(rows).toHaveLength(1);
});

test('append: in a batch that comes again, losers still lose', async () => {
  const winner = await fixture().owned();
  const loser = await fixture().owned();
  await fixture().store.leases.append(appendTo(loser.claim));
  const broken = proxy.swallowAnswerTo('statehouse.append');
  const outcomes = Promise.all([
    store.leases.append(appendTo(winner.claim)),
    store.leases.append(appendTo(loser.claim)),
  ]);
  await broken;
  expect(await outcomes).toEqual(['won', 'lost']);
});

test('park: the execution is not the caller’s any more', async () => {
  const { executionId, claim } = await fixture().owned();
  const broken = proxy.swallowAnswerTo('statehouse.park');
  const park = { executionId, epoch: claim.epoch, signals: 0, wakeAt: NOON, snapshot: undefined };
  const parked = store.leases.park(park);
  await broken;
  expect(await parked).toBe(true);
  expect(await fixture().row(executionId)).toMatchObject({ owner: null, owner_epoch: 2 });
});

test('stop: the end stands', async () => {
  const { executionId } = await fixture().owned();
  const broken = proxy.swallowAnswerTo('commit');
  const stopped = store.executions.stop(executionId, stopWith());
  await broken;
  await stopped;
  expect(await fixture().row(executionId)).toMatchObject({ status: 'ABORTED', head_seq: 2 });
});

test('stop: who ended it hears so, and nobody else', async () => {
  const { executionId } = await fixture().owned();
  const broken = proxy.swallowAnswerTo('commit');
  const stopped = store.executions.stop(executionId, stopWith());
  await broken;
  expect(await stopped).toMatchObject({ seq: 2, wasOwned: true });
  expect(await store.executions.stop(executionId, stopWith())).toBeUndefined();
});

test('signal: an answer that was taken is acknowledged, and taken once', async () => {
  const { executionId } = await fixture().parkedOnToken('answered-once');
  const signal = { token: 'answered-once', place: PLACE, kind: 'CallbackSucceeded', body: '1' } as const;
  const broken = proxy.swallowAnswerTo('statehouse.signal');
  const sent = store.leases.signal(signal);
  await broken;
  expect(await sent).toBe('sent');
  expect(await store.leases.signal(signal)).toBe('unknown');
  const mail = await fixture().query('select from statehouse.mailbox where execution_id = $1', [executionId]);
  expect(mail).toHaveLength(1);
});

test('signal: what was sent is remembered for no longer than anybody sends it again', async () => {
  await fixture().parkedOnToken('forgotten');
  await store.leases.signal({ token: 'forgotten', place: PLACE, kind: 'CallbackSucceeded', body: '1' });
  const known = () => fixture().query('select from statehouse.sent_signals');
  await store.workers.forgetSignals(60_000);
  expect(await known()).not.toEqual([]);
  await store.workers.forgetSignals(-1);
  expect(await known()).toEqual([]);
});

test('redrive: it happens once, and the caller hears when', async () => {
  const executionId = await fixture().started({ startedAt: Date.now() });
  await store.executions.stop(executionId, stopWith());
  const broken = proxy.swallowAnswerTo('commit');
  const redriven = store.executions.redrive(executionId, { clientToken: undefined, body: redriveBody });
  await broken;
  expect(await redriven).toMatchObject({ kind: 'redriven' });
  expect(await fixture().row(executionId)).toMatchObject({
    status: 'RUNNING',
    redrive_count: 1,
    head_seq: 3,
  });
});

test('redrive: it finds itself though the clock has leapt past what its token is good for', async () => {
  const executionId = await fixture().started({ startedAt: Date.now() });
  await store.executions.stop(executionId, stopWith());
  await fixture().query(`
    create function age() returns trigger language plpgsql as
      $$ begin new.redriven_at := new.redriven_at - interval '1 hour'; return new; end $$;
    create trigger age before insert on statehouse.redrive_tokens for each row execute function age()`);
  const broken = proxy.swallowAnswerTo('commit');
  const redriven = store.executions.redrive(executionId, { clientToken: 'leap', body: redriveBody });
  await broken;
  const { redriven_at: at } = await fixture().row(executionId);
  expect(await redriven).toEqual({ kind: 'redriven', redrivenAt: (at as Date).getTime() });
  await fixture().query('drop trigger age on statehouse.redrive_tokens');
  expect(await fixture().row(executionId)).toMatchObject({ redrive_count: 1, head_seq: 3 });
});

test('a connection that Postgres terminates is replaced', async () => {
  const { claim } = await fixture().owned();
  await fixture().query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'statehouse' and datname = current_database()`,
  );
  expect(await store.leases.append(appendTo(claim))).toBe('won');
});
