/** Executions whose journals are more than a claim brings along. */
import { expect, test, vi } from 'vitest';
import type { TaskResult } from '../../integrations/integration.ts';
import type { LeaseStore } from '../../store/lease.ts';
import type { Store } from '../../store/store.ts';
import type { WorkerOptions } from '../../worker/worker.ts';
import { sequence } from './small-machines.ts';
import { createWorld, functionArn, succeed, type World } from './world.ts';

const INPUT = { text: 'x'.repeat(10_000) };
const PAGE_BYTES = 50_000;
/** One event with its input or output, and what else is in it. */
const ROW_BYTES_MAX = 11_000;
const TUNING: WorkerOptions['tuning'] = { claimBytesMax: 25_000, journalPageBytes: PAGE_BYTES };

const LONG = sequence([
  ...Array.from({ length: 10 }, (_, n): [string, object] => [`p${n}`, { Type: 'Pass' }]),
  ['wait', { Type: 'Wait', Seconds: 600 }],
  ['work', { Type: 'Task', Resource: functionArn('work') }],
]);

/** They have run until they wait, and are due. Their journals have a row for each event, and no snapshot. */
async function dueWithLongJournals(world: World, count: number): Promise<string[]> {
  const never = { events: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY };
  const first = await world.worker({ tuning: { maxEventsPerTransition: 0, snapshotAfter: never } });
  const ids = await Promise.all(Array.from({ length: count }, () => world.start(LONG, INPUT)));
  await vi.waitFor(async () => expect(await parked(world)).toHaveLength(count), { timeout: 20_000 });
  await first.stop();
  await world.advance(601);
  return ids;
}

const parked = (world: World) =>
  world.sql(
    `select from statehouse.executions where owner is null and wake_at > statehouse.now() + interval '1 minute'`,
  );

function withLeases({ store }: World, leases: Partial<LeaseStore>): Store {
  return { ...store, leases: { ...store.leases, ...leases } };
}

test('of several at once, one page is in memory at a time', async () => {
  const world = await createWorld({ work: () => succeed('done') });
  const ids = await dueWithLongJournals(world, 3);
  const pages: number[] = [];
  let reading = 0;
  let readingMax = 0;
  const store = withLeases(world, {
    async rows(executionId, range) {
      readingMax = Math.max(readingMax, ++reading);
      const rows = await world.store.leases.rows(executionId, range);
      reading--;
      pages.push(rows.reduce((bytes, { body }) => bytes + Buffer.byteLength(body), 0));
      return rows;
    },
  });
  await world.worker({ store, tuning: TUNING });
  for (const executionId of ids)
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
  expect(readingMax).toBe(1);
  expect(pages.length).toBeGreaterThanOrEqual(3 * 2);
  expect(Math.max(...pages)).toBeLessThan(PAGE_BYTES + ROW_BYTES_MAX);
});

test('one whose snapshot is more than a claim brings along goes on from that', async () => {
  const world = await createWorld({ work: () => succeed('done') });
  const first = await world.worker({ tuning: { snapshotAfter: { events: 0, characters: 0 } } });
  const executionId = await world.start(LONG, INPUT);
  await vi.waitFor(async () => expect(await parked(world)).toHaveLength(1), { timeout: 20_000 });
  await first.stop();
  await world.advance(601);
  await world.sql(`update statehouse.journal set body = 'unreadable' where seq > 1`);
  await world.worker({ tuning: { ...TUNING, claimBytesMax: 1000 } });
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
});

test('a worker that dies of reading one has claimed it: that is a strike', async () => {
  const world = await createWorld();
  const [executionId] = await dueWithLongJournals(world, 1);
  const read = Promise.withResolvers<void>();
  const store = withLeases(world, {
    rows: () => {
      read.resolve();
      return new Promise(() => {});
    },
  });
  await world.worker({ store, tuning: TUNING });
  await read.promise;
  await world.sql(`update statehouse.workers set heartbeat_at = 'epoch'`);
  await world.store.workers.reconcile(0);
  expect(await world.sql('select execution_id, strikes, reason from statehouse.suspects')).toEqual([
    { execution_id: executionId, strikes: 1, reason: '"The worker that ran it died."' },
  ]);
});

test('of several at once that need more than there is room for, one runs; the others are given back', async () => {
  const answer = Promise.withResolvers<TaskResult>();
  const world = await createWorld({ work: () => answer.promise });
  const ids = await dueWithLongJournals(world, 3);
  const asked = Promise.withResolvers<void>();
  const claiming = new Set<string>();
  const store = withLeases(world, {
    async claim(executionId, ...rest) {
      if (claiming.add(executionId).size === ids.length) asked.resolve();
      await asked.promise;
      return world.store.leases.claim(executionId, ...rest);
    },
  });
  const worker = await world.worker({ store, tuning: { ...TUNING, journalCharactersMax: 10 } });
  await world.tasks.called('work');
  const owned = () => world.sql('select from statehouse.executions where owner is not null');
  await vi.waitFor(async () => expect(await owned()).toHaveLength(1), { timeout: 20_000 });
  expect(worker.liveExecutions).toBe(1);
  expect(world.tasks.received).toHaveLength(1);
  answer.resolve(succeed('done'));
  for (const executionId of ids)
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
});

test('a journal with a gap is a fault, and no history that leaves something out', async () => {
  const world = await createWorld();
  const [executionId = ''] = await dueWithLongJournals(world, 1);
  await world.sql('delete from statehouse.journal where seq > 10');
  await world.worker({ tuning: TUNING });
  await vi.waitFor(async () =>
    expect(
      await world.sql('select reason from statehouse.suspects where execution_id = $1', [executionId]),
    ).toEqual([{ reason: '"Error: Its journal has no row after 10"' }]),
  );
});
