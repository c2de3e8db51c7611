import { expect, onTestFinished, test } from 'vitest';
import { createApi } from '../../api/api.ts';
import { putUnderLoad } from '../../bench/load.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import { PLACE } from '../support/place.ts';
import { task } from '../worker/small-machines.ts';
import { createWorld, fail, silent, succeed } from '../worker/world.ts';

test('load waits for results when it is told to, and ends with an error when one is no success', async () => {
  const world = await createWorld({ well: () => succeed(1), badly: () => fail('Broken') });
  const api = createApi({ store: world.store, place: PLACE, ceilings: PORTABLE_LIMITS, logger: silent });
  const { url: endpoint } = await api.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => api.close());
  await world.worker();
  const load = async (name: string) => {
    const input = { stateMachineArn: await world.stateMachine(task(name)) };
    return putUnderLoad({
      endpoint,
      operation: 'StartExecution',
      input,
      awaited: true,
      connections: 3,
      calls: 7,
    });
  };
  expect((await load('well')).calls).toBe(7);
  expect(world.tasks.received).toHaveLength(7);
  await expect(load('badly')).rejects.toThrow('"status":"FAILED"');
});
