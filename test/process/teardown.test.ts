import { expect, test } from 'vitest';
import { Teardown } from '../../process/teardown.ts';

function teardownOf(steps: Record<string, () => void>): { teardown: Teardown; taken: string[] } {
  const teardown = new Teardown();
  const taken: string[] = [];
  for (const [name, step] of Object.entries(steps)) {
    teardown.add(async () => {
      taken.push(name);
      step();
    });
  }
  return { teardown, taken };
}

test('what was started last is stopped first, and once', async () => {
  const { teardown, taken } = teardownOf({ postgres: () => {}, api: () => {}, worker: () => {} });
  await teardown.run();
  await teardown.run();
  expect(taken).toEqual(['worker', 'api', 'postgres']);
});

test('a step that fails keeps none of the others from being taken', async () => {
  const fail = (): never => {
    throw new Error('stuck');
  };
  const { teardown, taken } = teardownOf({ postgres: () => {}, api: fail, worker: () => {} });
  await expect(teardown.run()).rejects.toThrow('stuck');
  expect(taken).toEqual(['worker', 'api', 'postgres']);
});
