import { expect, test } from 'vitest';
import { task } from '../small-machines.ts';
import { createWorld, succeed, type World } from '../world.ts';

const WAIT = { StartAt: 'wait', States: { wait: { Type: 'Wait', Seconds: 3600, End: true } } };

async function leaseOf({ sql }: World, executionId: string) {
  const [lease] = await sql<{ is_owned: boolean; epoch: number }>(
    'select owner is not null as is_owned, owner_epoch as epoch from statehouse.executions where id = $1',
    [executionId],
  );
  return lease;
}

/** What is never answered. */
const { promise: never } = Promise.withResolvers<never>();

test('an execution that a worker has without knowing is given back; those that it knows of are not', async () => {
  const world = await createWorld({ work: () => never });
  const worker = await world.worker();
  const known = await world.start(task('work'));
  await world.tasks.called('work');
  const before = await leaseOf(world, known);
  const unknown = await world.start(WAIT);
  await expect.poll(async () => (await leaseOf(world, unknown))?.epoch).toBe(2);
  await world.sql(
    `update statehouse.executions set owner = (select id from statehouse.workers), owner_epoch = 3 where id = $1`,
    [unknown],
  );
  await worker.services.strays.runOnce();
  expect(await leaseOf(world, known)).toEqual(before);
  expect((await leaseOf(world, unknown))?.epoch).toBeGreaterThan(3);
  await world.advance(3600);
  await worker.services.heartbeat.runOnce();
  await worker.services.ticker.runOnce();
  expect((await world.ended(unknown)).status).toBe('SUCCEEDED');
});

test('a claim that is not answered yet is nobody else’s', async () => {
  const world = await createWorld({ work: () => succeed(1) });
  const answered = Promise.withResolvers<void>();
  const claimed = Promise.withResolvers<void>();
  const { leases } = world.store;
  const slow: typeof leases = {
    ...leases,
    claim: async (executionId, workerId) => {
      const claim = await leases.claim(executionId, workerId);
      claimed.resolve();
      await answered.promise;
      return claim;
    },
  };
  const worker = await world.worker({ store: { ...world.store, leases: slow } });
  const executionId = await world.start(task('work'));
  await claimed.promise;
  await worker.services.strays.runOnce();
  expect(await leaseOf(world, executionId)).toEqual({ is_owned: true, epoch: 1 });
  answered.resolve();
  expect((await world.ended(executionId)).status).toBe('SUCCEEDED');
});

test('an execution that ends while it is being looked for is left alone', async () => {
  const answer = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createWorld({ work: () => answer.promise });
  const { leases } = world.store;
  const parked: string[] = [];
  const executionId = await world.start(task('work'));
  const watched: typeof leases = {
    ...leases,
    park: (park) => {
      parked.push(park.executionId);
      return leases.park(park);
    },
    owned: async (workerId) => {
      const owned = await leases.owned(workerId);
      answer.resolve(succeed(1));
      await world.ended(executionId);
      return owned;
    },
  };
  const worker = await world.worker({ store: { ...world.store, leases: watched } });
  await world.tasks.called('work');
  await worker.services.strays.runOnce();
  expect(parked).toEqual([]);
});
