import { expect, test, vi } from 'vitest';
import type { TaskIntegration } from '../../integrations/integration.ts';
import type { JournalEvent } from '../../runtime/index.ts';
import { PLACE } from '../support/place.ts';
import { callback, passes, sequence, task } from './small-machines.ts';
import { createWorld, fail, functionArn, succeed, type World } from './world.ts';

interface Lease {
  owner: string | null;
  signals: number;
  /** ms since 1970; Infinity: none. */
  wake_at: number;
}

async function leaseOf(world: World, executionId: string): Promise<Lease | undefined> {
  const [row] = await world.sql<Lease>(
    `select owner, signals, extract(epoch from wake_at)::float8 * 1000 as wake_at
     from statehouse.executions where id = $1`,
    [executionId],
  );
  return row;
}

async function parked(world: World, executionId: string): Promise<Lease> {
  return vi.waitFor(
    async () => {
      const lease = await leaseOf(world, executionId);
      const journal = await world.journal(executionId);
      if (lease === undefined || lease.owner !== null || journal.length === 1) throw new Error('not parked');
      return lease;
    },
    { timeout: 10_000 },
  );
}

function timeOf(journal: readonly JournalEvent[], type: JournalEvent['type']): number {
  return journal.find((event) => event.type === type)?.timestamp ?? Number.NaN;
}

const LONG_WAIT = sequence([
  ['wait', { Type: 'Wait', Seconds: 600 }],
  ['last', { Type: 'Pass' }],
]);

test('a far Wait is a row and nothing in memory; it is woken when its time has come', async () => {
  const world = await createWorld();
  const worker = await world.worker();
  const executionId = await world.start(LONG_WAIT);
  const lease = await parked(world, executionId);
  expect(worker.liveExecutions).toBe(0);
  const until = timeOf(await world.journal(executionId), 'WaitStateEntered') + 600_000;
  expect(lease.wake_at).toBeLessThanOrEqual(until);
  expect(lease.wake_at).toBeGreaterThan(until - 5000);
  await world.advance(601);
  await worker.services.heartbeat.runOnce();
  await worker.services.ticker.runOnce();
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
  expect(timeOf(await world.journal(executionId), 'WaitStateExited')).toBeGreaterThanOrEqual(until);
});

test('a far Wait survives its worker', async () => {
  const world = await createWorld();
  const first = await world.worker();
  const executionId = await world.start(LONG_WAIT);
  await parked(world, executionId);
  await first.stop();
  await world.advance(601);
  await world.worker();
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
});

test('TimeoutSeconds of the machine ends an execution that is parked', async () => {
  const world = await createWorld();
  const worker = await world.worker();
  const executionId = await world.start({ ...LONG_WAIT, TimeoutSeconds: 300 });
  await parked(world, executionId);
  await world.advance(301);
  await worker.services.heartbeat.runOnce();
  await worker.services.ticker.runOnce();
  expect((await world.ended(executionId)).status).toBe('TIMED_OUT');
});

test('a timed out call is aborted', async () => {
  const world = await createWorld({ slow: () => new Promise(() => {}) });
  const worker = await world.worker();
  const executionId = await world.start(task('slow', { TimeoutSeconds: 100 }));
  const call = await world.tasks.called('slow');
  await world.advance(101);
  await worker.services.heartbeat.runOnce();
  expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  expect(call.signal.aborted).toBe(true);
});

test('a loop that parks again and again goes on from its snapshot', async () => {
  const world = await createWorld();
  const worker = await world.worker({
    tuning: { hotMs: 0, snapshotAfter: { events: 5, characters: 1_000_000 } },
  });
  const states: [string, object][] = [];
  for (let n = 1; n <= 4; n++)
    states.push([`pass${n}`, { Type: 'Pass', Result: { n } }], [`wait${n}`, { Type: 'Wait', Seconds: 600 }]);
  const executionId = await world.start(sequence(states));
  for (let n = 1; n <= 4; n++) {
    await vi.waitFor(
      async () => {
        const journal = await world.journal(executionId);
        expect(journal.filter(({ type }) => type === 'WaitStateEntered').length).toBe(n);
        expect((await leaseOf(world, executionId))?.owner).toBe(null);
      },
      { timeout: 10_000 },
    );
    // The rows before the last snapshot are not read again.
    if (n === 4)
      await world.sql(
        `update statehouse.journal row set body = 'unreadable' from statehouse.snapshots snapshot
         where row.execution_id = $1 and snapshot.execution_id = $1 and row.seq between 2 and snapshot.seq`,
        [executionId],
      );
    await world.advance(601);
    await worker.services.heartbeat.runOnce();
    await worker.services.ticker.runOnce();
  }
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '{"n":4}' });
  await expect(world.journal(executionId)).rejects.toThrow('unreadable');
});

/** A service that is asked, and answers by its token some time. */
function asking(tokens: string[]): { find: () => TaskIntegration } {
  const integration: TaskIntegration = {
    name: 'ask',
    recovery: 'unknown',
    serves: () => true,
    lost: () => ({ error: 'Lost' }),
    close: async () => {},
    invoke: async ({ token }) => {
      tokens.push(token ?? '');
      return succeed({ StatusCode: 200 });
    },
  };
  return { find: () => integration };
}

test('an execution that waits for a token is parked; the answer wakes it', async () => {
  const world = await createWorld();
  const tokens: string[] = [];
  const worker = await world.worker({ integrations: asking(tokens) });
  const executionId = await world.start(sequence([['ask', callback]]));
  await vi.waitFor(() => expect(tokens.length).toBe(1));
  await vi.waitFor(() => expect(worker.liveExecutions).toBe(0));
  expect(await leaseOf(world, executionId)).toMatchObject({ owner: null, wake_at: Number.POSITIVE_INFINITY });
  const [token = ''] = tokens;
  expect(
    await world.store.leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body: '{"ok":true}' }),
  ).toBe('sent');
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '{"ok":true}' });
  expect(await world.store.leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body: '1' })).toBe(
    'unknown',
  );
});

test('the token of an attempt that has timed out is closed; the one of its retry is open', async () => {
  const world = await createWorld();
  const tokens: string[] = [];
  const worker = await world.worker({ integrations: asking(tokens) });
  const retry = [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1 }];
  const executionId = await world.start(
    sequence([['ask', { ...callback, TimeoutSeconds: 600, Retry: retry }]]),
  );
  await parked(world, executionId);
  await world.advance(601);
  await worker.services.heartbeat.runOnce();
  await worker.services.ticker.runOnce();
  await vi.waitFor(() => expect(tokens.length).toBe(2), { timeout: 10_000 });
  const [first = '', second = ''] = tokens;
  expect(
    await world.store.leases.signal({ token: first, place: PLACE, kind: 'CallbackSucceeded', body: '1' }),
  ).toBe('unknown');
  expect(
    await world.store.leases.signal({ token: second, place: PLACE, kind: 'CallbackSucceeded', body: '2' }),
  ).toBe('sent');
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '2' });
});

test('mail for a live execution is folded: heartbeats, then a failure', async () => {
  const world = await createWorld();
  const tokens: string[] = [];
  const worker = await world.worker({ integrations: asking(tokens), tuning: { hotMs: 3_600_000 } });
  const executionId = await world.start(
    sequence([['ask', { ...callback, TimeoutSeconds: 3000, HeartbeatSeconds: 2000 }]]),
  );
  await vi.waitFor(async () => expect((await world.journal(executionId)).at(-1)?.type).toBe('TaskSubmitted'));
  const [token = ''] = tokens;
  for (let n = 0; n < 3; n++)
    expect(
      await world.store.leases.signal({ token, place: PLACE, kind: 'HeartbeatReceived', body: 'null' }),
    ).toBe('sent');
  await vi.waitFor(async () => expect(await world.sql('select from statehouse.mailbox')).toEqual([]));
  expect(worker.liveExecutions).toBe(1);
  const body = JSON.stringify({ error: 'No', cause: 'because' });
  await world.store.leases.signal({ token, place: PLACE, kind: 'CallbackFailed', body });
  expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'No', cause: 'because' });
  const heartbeats = (await world.journal(executionId)).filter(({ type }) => type === 'HeartbeatReceived');
  expect(heartbeats.length).toBeGreaterThan(0);
});

test('an execution that has folded mail can be parked', async () => {
  const world = await createWorld();
  const tokens: string[] = [];
  const worker = await world.worker({ integrations: asking(tokens), tuning: { hotMs: 3_600_000 } });
  const executionId = await world.start(sequence([['ask', { ...callback, HeartbeatSeconds: 2000 }]]));
  await vi.waitFor(async () => expect((await world.journal(executionId)).at(-1)?.type).toBe('TaskSubmitted'));
  const [token = ''] = tokens;
  for (let n = 0; n < 2; n++)
    await world.store.leases.signal({ token, place: PLACE, kind: 'HeartbeatReceived', body: 'null' });
  await vi.waitFor(async () => expect(await world.sql('select from statehouse.mailbox')).toEqual([]));
  await worker.stop();
  const heartbeat = (await world.journal(executionId)).findLast(({ type }) => type === 'HeartbeatReceived');
  expect(await leaseOf(world, executionId)).toEqual({
    owner: null,
    signals: 2,
    wake_at: (heartbeat?.timestamp ?? 0) + 2_000_000,
  });
});

test('mail that comes while an execution is being parked is not lost', async () => {
  const world = await createWorld();
  const tokens: string[] = [];
  await world.worker({ integrations: asking(tokens) });
  const executionIds = await Promise.all(
    Array.from({ length: 20 }, () => world.start(sequence([['ask', callback]]))),
  );
  const answered = new Set<string>();
  // Each is answered at the moment its token is out: before, while and after its execution is parked.
  await vi.waitFor(
    async () => {
      for (const token of tokens) {
        if (answered.has(token)) continue;
        if (
          (await world.store.leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body: '1' })) ===
          'sent'
        )
          answered.add(token);
      }
      expect(answered.size).toBe(20);
    },
    { interval: 1, timeout: 10_000 },
  );
  for (const executionId of executionIds) expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
});

test('more executions than places: those that only wait make room', async () => {
  const world = await createWorld();
  const worker = await world.worker({ tuning: { executionsMax: 2, hotMs: 3_600_000 } });
  const waiting = await Promise.all(Array.from({ length: 6 }, () => world.start(LONG_WAIT)));
  const quick = await Promise.all(Array.from({ length: 6 }, () => world.start(passes(3))));
  for (const executionId of quick) expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
  for (const executionId of waiting)
    await vi.waitFor(
      async () => expect((await world.journal(executionId)).length).toBeGreaterThan(1),
      10_000,
    );
  expect(worker.liveExecutions).toBeLessThanOrEqual(2);
});

test('a retry delay is met', async () => {
  const world = await createWorld({
    work: (_call, attempt) => (attempt === 1 ? fail('Busy') : succeed(attempt)),
  });
  const worker = await world.worker();
  const executionId = await world.start(
    sequence([
      [
        'work',
        {
          Type: 'Task',
          Resource: functionArn('work'),
          Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 300 }],
        },
      ],
    ]),
  );
  await parked(world, executionId);
  await world.advance(301);
  await worker.services.heartbeat.runOnce();
  await worker.services.ticker.runOnce();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '2' });
});
