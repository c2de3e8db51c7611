/** The journal is the state: folding it gives what ran, at every point and for any machine. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Execution, fold, Payload, restore, snapshot } from '../../../runtime/index.ts';
import { decodeAll, outline, runInMemory, type TaskAnswer, type Tasks } from '../../support/in-memory-run.ts';

/** A state to put anywhere; nested scopes get names of their own. */
type Shape =
  | { readonly type: 'Pass' | 'Task' | 'Wait' | 'Fail' | 'Choice' }
  | { readonly type: 'Parallel' | 'Map'; readonly bodies: readonly (readonly Shape[])[] };

const leaf = fc
  .constantFrom('Pass', 'Task', 'Task', 'Wait', 'Fail', 'Choice', 'Pass')
  .map((type) => ({ type }) as Shape);
const shapes = fc.letrec<{ body: readonly Shape[]; shape: Shape }>((tie) => ({
  body: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 5, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: fc
        .array(tie('body'), { minLength: 1, maxLength: 3 })
        .map((bodies) => ({ type: 'Parallel' as const, bodies })),
    },
    { weight: 1, arbitrary: tie('body').map((body) => ({ type: 'Map' as const, bodies: [body] })) },
  ),
})).body;

const retry = [{ ErrorEquals: ['Again'], MaxAttempts: 2, IntervalSeconds: 1, JitterStrategy: 'FULL' }];

/** Builds a definition whose names are unique over all scopes. */
function definition(body: readonly Shape[]): object {
  let names = 0;
  const scope = (shapesOf: readonly Shape[]): { StartAt: string; States: Record<string, object> } => {
    const named = shapesOf.map((shape) => ({ shape, name: `S${names++}` }));
    const States: Record<string, object> = {};
    for (const [n, { shape, name }] of named.entries()) {
      const next = named[n + 1]?.name;
      const onward = next === undefined ? { End: true } : { Next: next };
      // A Fail ends its scope: what comes after it would be unreachable.
      States[name] = state(shape, onward, next);
      if (shape.type === 'Fail') break;
    }
    return { StartAt: named[0]?.name ?? '', States };
  };
  const state = (shape: Shape, onward: object, next: string | undefined): object => {
    if (shape.type === 'Parallel')
      return { Type: 'Parallel', Branches: shape.bodies.map(scope), Retry: retry, ...onward };
    if (shape.type === 'Map')
      return {
        Type: 'Map',
        ItemsPath: '$$.Execution.Input.items',
        MaxConcurrency: 2,
        ItemProcessor: scope(shape.bodies[0] ?? []),
        Retry: retry,
        ...onward,
      };
    if (shape.type === 'Task')
      return {
        Type: 'Task',
        Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f',
        Retry: retry,
        TimeoutSeconds: 60,
        ...onward,
      };
    if (shape.type === 'Wait') return { Type: 'Wait', Seconds: 30, ...onward };
    if (shape.type === 'Fail') return { Type: 'Fail', Error: 'Again' };
    if (shape.type === 'Choice')
      return next === undefined
        ? { Type: 'Succeed' }
        : {
            Type: 'Choice',
            Choices: [{ Variable: '$$.State.Name', IsString: true, Next: next }],
            Default: next,
          };
    return { Type: 'Pass', Assign: { 'v.$': '$$.State.Name' }, ...onward };
  };
  return scope(body);
}

const answers = fc.array(
  fc.constantFrom<TaskAnswer>(
    { output: { ok: 1.5 } },
    { error: 'Again', cause: 'c' },
    { error: 'Fatal' },
    'never',
  ),
  {
    minLength: 1,
    maxLength: 8,
  },
);

/** Answers by the attempt's own data, so that the order of calls does not matter. */
const tasksFrom =
  (list: readonly TaskAnswer[]): Tasks =>
  (task) =>
    list[task.scheduledEventId % list.length] ?? 'never';

/** An execution without its sharing: payloads as text. */
function plain(execution: Execution): unknown {
  return JSON.parse(
    JSON.stringify(execution, (_key, value: unknown) => {
      if (value instanceof Payload) return { text: value.text };
      return value instanceof Map ? [...value] : value;
    }),
  );
}

const input = '{"items":[1,2,3]}';

describe('any machine, any task results', () => {
  test('folding a prefix of the journal as stored, and going on, ends in the same state', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, answers, fc.nat(), async (body, list, cut) => {
        const { journal, execution } = await runInMemory(definition(body), {
          input,
          tasks: tasksFrom(list),
          limits: { maxHistoryEvents: 400 },
        });
        const stored = decodeAll(journal);
        expect(plain(fold(stored))).toEqual(plain(execution));
        const at = 1 + (cut % stored.length);
        const resumed = restore(snapshot(fold(stored.slice(0, at))));
        expect(plain(fold(stored.slice(at), resumed))).toEqual(plain(execution));
      }),
      { numRuns: 150 },
    );
  });

  test('a crash before every trigger changes nothing in the history', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, answers, async (body, list) => {
        const options = {
          input,
          tasks: tasksFrom(list),
          limits: { maxHistoryEvents: 400, maxEventsPerTransition: 7 },
        };
        const live = await runInMemory(definition(body), options);
        const resumed = await runInMemory(definition(body), { ...options, resumeEveryAppend: true });
        expect(resumed.history).toEqual(live.history);
      }),
      { numRuns: 100 },
    );
  });

  test('ids are 1 to n, and each event follows an earlier one', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, answers, async (body, list) => {
        const { history } = await runInMemory(definition(body), {
          input,
          tasks: tasksFrom(list),
          limits: { maxHistoryEvents: 400 },
        });
        expect(history.map(({ id }) => id)).toEqual(history.map((_event, n) => n + 1));
        expect(history.every(({ id, previousEventId }) => previousEventId < id)).toBe(true);
        const ends = history.filter(({ type }) => /^Execution(Succeeded|Failed|TimedOut)$/.test(type));
        expect(ends).toEqual([history.at(-1)]);
      }),
      { numRuns: 100 },
    );
  });
});

test('equal inputs give equal histories, jitter included', async () => {
  const machine = definition([{ type: 'Task' }]);
  const options = { input, tasks: tasksFrom([{ error: 'Again' }]), random: 7 };
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
