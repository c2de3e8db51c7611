/** Timers after a time in which nobody was there to look at them. */
import { expect, test, vi } from 'vitest';
import type { JournalEvent } from '../../runtime/index.ts';
import { notWatched } from '../../telemetry/execution-watch.ts';
import { DEFAULT_TUNING } from '../../worker/tuning.ts';
import { callback, sequence, task } from './small-machines.ts';
import { createWorld, fail, succeed, type World } from './world.ts';

const YEAR_SECONDS = 365 * 24 * 3600;
const EACH = 10;
/** Less than what is due at once: no more may be alive. */
const ALIVE_MAX = 5;

const RETRY = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 600, MaxAttempts: 1, JitterStrategy: 'NONE' }];

async function startEach(world: World, definition: object): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < EACH; n++) ids.push(await world.start(definition));
  return ids;
}

/** Nobody has any of them: all that is left of them is a row with a time. */
async function parked(world: World): Promise<void> {
  await vi.waitFor(
    async () => {
      const [row] = await world.sql<{ awake: number }>(
        `select count(*)::int as awake from statehouse.executions where owner is not null or wake_at < statehouse.now() + interval '5 minutes'`,
      );
      expect(row?.awake).toBe(0);
    },
    { timeout: 20_000, interval: 50 },
  );
}

function count(journal: readonly JournalEvent[], type: JournalEvent['type']): number {
  return journal.filter((event) => event.type === type).length;
}

test('after an hour without workers all that is overdue happens, once, and no more at a time than there is room for', async () => {
  const world = await createWorld({
    flaky: (_call, attempt) => (attempt === 1 ? fail('Busy') : succeed('done')),
    'invoke.waitForTaskToken': () => succeed({}),
  });
  const first = await world.worker();
  const waits = await startEach(world, sequence([['wait', { Type: 'Wait', Seconds: 600 }]]));
  const retries = await startEach(world, task('flaky', { Retry: RETRY }));
  const timeouts = await startEach(world, sequence([['ask', { ...callback, TimeoutSeconds: 900 }]]));
  const silences = await startEach(
    world,
    sequence([['ask', { ...callback, TimeoutSeconds: 9000, HeartbeatSeconds: 900 }]]),
  );
  await parked(world);
  await first.stop();
  await world.advance(3600);

  let aliveMax = 0;
  const second = await world.worker({
    tuning: { ...DEFAULT_TUNING, executionsMax: ALIVE_MAX },
    watcher: {
      watch: () => {
        aliveMax = Math.max(aliveMax, second.liveExecutions);
        return notWatched();
      },
    },
  });
  for (const id of waits) {
    expect(await world.ended(id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(count(await world.journal(id), 'WaitStateExited')).toBe(1);
  }
  for (const id of retries) {
    expect(await world.ended(id)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(count(await world.journal(id), 'LambdaFunctionScheduled')).toBe(2);
  }
  for (const id of [...timeouts, ...silences]) {
    expect(await world.ended(id)).toMatchObject({ status: 'FAILED' });
    expect(count(await world.journal(id), 'TaskTimedOut')).toBe(1);
  }
  expect(aliveMax).toBeGreaterThan(0);
  expect(aliveMax).toBeLessThanOrEqual(ALIVE_MAX);
}, 60_000);

test('a Wait of a year ends when the year is over, and not before', async () => {
  const world = await createWorld();
  await world.worker();
  const id = await world.start(sequence([['wait', { Type: 'Wait', Seconds: YEAR_SECONDS }]]));
  await parked(world);
  await world.advance(YEAR_SECONDS - 60);
  await (await world.worker()).services.ticker.runOnce();
  expect(await world.record(id)).toMatchObject({ status: 'RUNNING' });
  await world.advance(60);
  await (await world.worker()).services.ticker.runOnce();
  expect(await world.ended(id)).toMatchObject({ status: 'SUCCEEDED' });
}, 60_000);
