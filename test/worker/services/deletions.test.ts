import { expect, test } from 'vitest';
import { PLACE } from '../../support/place.ts';
import { createWorld } from '../world.ts';

test('what still runs of a deleted state machine is aborted, and the machine goes away', async () => {
  const world = await createWorld();
  const worker = await world.worker();
  const definition = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 600, End: true } } };
  const executionId = await world.start(definition);
  const { stateMachineName } = await world.record(executionId);
  await world.store.stateMachines.delete(PLACE, stateMachineName);
  await worker.services.deletions.runOnce();
  expect(await world.ended(executionId)).toMatchObject({ status: 'ABORTED', error: undefined });
  expect((await world.journal(executionId)).at(-1)).toMatchObject({
    type: 'ExecutionAborted',
    previousEventId: 0,
  });
  expect(await world.store.stateMachines.find(PLACE, stateMachineName)).toBeUndefined();
});
