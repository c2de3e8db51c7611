/** A cap on the concurrency of a state machine, seen from the functions that its executions call. */
import { expect, test } from 'vitest';
import { parseArn } from '../../runtime/execution/arn.ts';
import { PLACE } from '../support/place.ts';
import { executionsOf, starter } from './child-executions.ts';
import { createWorld, functionArn, succeed, type World } from './world.ts';

const CALL = {
  StartAt: 'Call',
  TimeoutSeconds: 3600,
  States: { Call: { Type: 'Task', Resource: functionArn('f'), End: true } },
};

/** @returns the ARN of a state machine of whose executions so many may be under way */
async function capped(world: World, maximum: number): Promise<string> {
  const arn = await world.stateMachine(CALL);
  const machine = await world.store.stateMachines.find(PLACE, parseArn(arn)?.resource ?? '');
  const tags = [{ key: 'statehouse:maxConcurrency', value: String(maximum) }];
  await world.store.tags.add({ type: 'stateMachine', id: machine?.id ?? '' }, tags, 50);
  return arn;
}

function manyOf(child: string, count: number): object {
  const processor = { ProcessorConfig: { Mode: 'INLINE' }, ...starter(child, '.sync:2') };
  const items = Array.from({ length: count }, (_, n) => n);
  return {
    StartAt: 'Items',
    States: {
      Items: { Type: 'Pass', Result: items, Next: 'Map' },
      Map: { Type: 'Map', ItemProcessor: processor, End: true },
    },
  };
}

test('never more than the cap are under way, with two workers, and all of them end', async () => {
  let calls = 0;
  let most = 0;
  const world = await createWorld({
    f: async () => {
      most = Math.max(most, ++calls);
      await new Promise(setImmediate);
      calls--;
      return succeed('done');
    },
  });
  const child = await capped(world, 3);
  await world.worker();
  await world.worker();
  const parent = await world.start(manyOf(child, 20));
  expect((await world.ended(parent)).status).toBe('SUCCEEDED');
  expect(world.tasks.received).toHaveLength(20);
  expect(most).toBeLessThanOrEqual(3);
});

test('those whose TimeoutSeconds are over before they get a slot time out, and call nothing', async () => {
  const world = await createWorld({ f: () => new Promise(() => {}) });
  const child = await capped(world, 1);
  const worker = await world.worker();
  const parent = await world.start(manyOf(child, 3));
  await world.tasks.called('f');
  await world.advance(3600);
  await worker.services.heartbeat.runOnce();
  expect((await world.ended(parent)).status).toBe('FAILED');
  const children = await executionsOf(world, child);
  expect(children).toHaveLength(3);
  for (const { id } of children) await world.store.executions.waitForEnd(id, 20_000);
  const statuses = (await executionsOf(world, child)).map(({ status }) => status);
  expect(statuses).toContain('TIMED_OUT');
  expect(statuses).not.toContain('RUNNING'); // some may be stopped as orphans before
  expect(world.tasks.received).toHaveLength(1);
});
