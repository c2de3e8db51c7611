import { expect, test } from 'vitest';
import { DrainMeter } from '../../bench/drain-meter.ts';
import { passes } from '../worker/small-machines.ts';
import { createWorld } from '../worker/world.ts';

test('a meter counts what a worker ends well, and tells what does not', async () => {
  const world = await createWorld();
  const failed: [string, string][] = [];
  const meter = new DrainMeter(world.store.leases, (...failure) => failed.push(failure));
  const ids = [await world.start(passes(1)), await world.start(passes(3))];
  const failing = { StartAt: 'Fail', States: { Fail: { Type: 'Fail' } } };
  const failingId = await world.start(failing);
  expect(meter.progress).toMatchObject({ firstClaimAt: undefined, ended: 0 });
  await world.worker({ store: { ...world.store, leases: meter.leases } });
  for (const id of [...ids, failingId]) await world.ended(id);
  await expect.poll(() => meter.progress.ended).toBe(2);
  expect(failed).toEqual([[failingId, 'FAILED']]);
  const { firstClaimAt = Number.POSITIVE_INFINITY, lastEndAt } = meter.progress;
  expect(lastEndAt).toBeGreaterThan(firstClaimAt);
});
