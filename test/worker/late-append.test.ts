/** Who has lost the lease appends nothing, also while the next owner has not appended anything yet. */
import { expect, onTestFinished, test } from 'vitest';
import type { TaskResult } from '../../integrations/integration.ts';
import { openStore } from '../../store/open.ts';
import type { QueueOptions } from '../../worker/queue.ts';
import type { WorkerOptions } from '../../worker/worker.ts';
import { type TcpProxy, tcpProxy } from '../store/tcp-proxy.ts';
import { ManualClock } from './manual-clock.ts';
import { task } from './small-machines.ts';
import { createWorld, silent, succeed, type World } from './world.ts';

const APPEND = 'statehouse.append(';
const WORKER_TIMEOUT_SECONDS = 30;

async function workerBehindProxy(world: World, options: Partial<WorkerOptions> = {}) {
  const proxy: TcpProxy = await tcpProxy(world.databaseUrl);
  onTestFinished(() => proxy.close());
  const store = await openStore({ databaseUrl: proxy.url, poolSize: 2, logger: silent });
  onTestFinished(() => store.close());
  const append = proxy.keepBack(APPEND);
  const queue = Promise.withResolvers<QueueOptions>();
  const worker = await world.worker({
    store,
    workerTimeoutSeconds: WORKER_TIMEOUT_SECONDS,
    hooks: {
      // Which of two workers gets a job is for the test to say.
      createQueue(options) {
        queue.resolve(options);
        return { start: async () => {}, stop: async () => {} };
      },
    },
    ...options,
  });
  return { worker, append, advance: (await queue.promise).advance };
}

/**
 * The host of the first worker is suspended when its append is on its way. A second one claims; then that append arrives, and
 * at last the second one's. Whoever calls the function now has not been answered yet.
 */
async function appendLate(world: World): Promise<{ executionId: string; isLateTaken: boolean }> {
  const clock = new ManualClock();
  const first = await workerBehindProxy(world, { clock });
  const executionId = await world.start(task('work'));
  expect(await first.advance(executionId)).toBe(true);
  const late = await first.append;
  await world.advance(WORKER_TIMEOUT_SECONDS + 1);
  const second = await workerBehindProxy(world);
  await second.worker.services.reconciler.runOnce();
  expect(await second.advance(executionId)).toBe(true);
  const next = await second.append;
  await late.letGo();
  const [row] = await world.sql<{ head_seq: number }>('select head_seq from statehouse.executions');
  await next.letGo();
  return { executionId, isLateTaken: row?.head_seq === 2 };
}

test('by the epoch: the head alone would take it', async () => {
  const answer = Promise.withResolvers<TaskResult>();
  const world = await createWorld({ work: () => answer.promise });
  const guard = 'e.owner_epoch = entry.epoch and ';
  const [append] = await world.sql<{ text: string }>(
    `select pg_get_functiondef('statehouse.append'::regproc) as text`,
  );
  expect(append?.text).toContain(guard);
  await world.sql(append?.text.replace(guard, '') ?? '');
  expect(await appendLate(world)).toMatchObject({ isLateTaken: true });
  answer.resolve(succeed(1)); // the first worker's call, which keeps it from stopping
});

test('an append that comes after the next owner has claimed, and before that has appended, is refused', async () => {
  const answer = Promise.withResolvers<TaskResult>();
  const world = await createWorld({ work: () => answer.promise });
  const { executionId, isLateTaken } = await appendLate(world);
  expect(isLateTaken).toBe(false);
  answer.resolve(succeed(1));
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED' });
  expect(world.tasks.received).toHaveLength(1);
});
