/** The journal is the state. That it is so for any machine, test/property/ holds. */
import { expect, test } from 'vitest';
import { fold, restore, snapshot } from '../../../runtime/index.ts';
import { outline, runInMemory } from '../../support/in-memory-run.ts';

test('equal inputs give equal histories, jitter included', async () => {
  const retry = { ErrorEquals: ['Again'], MaxAttempts: 2, IntervalSeconds: 1, JitterStrategy: 'FULL' };
  const task = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f', End: true };
  const machine = { StartAt: 'T', States: { T: { ...task, Retry: [retry] } } };
  const options = { tasks: () => ({ error: 'Again' }), random: 7 };
  const [one, two] = [await runInMemory(machine, options), await runInMemory(machine, options)];
  expect(one.history).toEqual(two.history);
  const other = await runInMemory(machine, { ...options, random: 8 });
  expect(outline(other.history)).toEqual(outline(one.history));
  expect(other.history.at(-1)?.timestamp).not.toBe(one.history.at(-1)?.timestamp);
});

test('a snapshot keeps the text of every payload', async () => {
  const { journal } = await runInMemory(
    { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 5, End: true } } },
    { input: '{ "big": 12345678901234567890, "f": 1.0 }' },
  );
  const restored = restore(snapshot(fold(journal.slice(0, 2))));
  expect(restored.input.text).toBe('{ "big": 12345678901234567890, "f": 1.0 }');
  expect(restored.branches.get(0)?.activity).toEqual({ kind: 'waiting', until: expect.any(Number) });
});
