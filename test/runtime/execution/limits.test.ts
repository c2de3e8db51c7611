/** What an execution may use: AWS's limits, or those that it was started with. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, PORTABLE_LIMITS, restore, snapshot } from '../../../runtime/index.ts';
import { decodeAll, type InMemoryOptions, runInMemory, type Tasks } from '../../support/in-memory-run.ts';

const LIMIT = PORTABLE_LIMITS.maxPayloadBytes;
const RESOURCE = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A text that takes so many bytes as JSON: six or more of `x`, to be cut off where room is wanted, then others. */
function textOf(size: number, character: string): string {
  const count = Math.floor((size - '"xxxxxx"'.length) / Buffer.byteLength(character));
  const text = 'x'.repeat(size - 2 - count * Buffer.byteLength(character)) + character.repeat(count);
  expect(bytes(text)).toBe(size);
  return text;
}

const exceeded = (producer: string) => ({
  error: 'States.DataLimitExceeded',
  cause: `The state/task '${producer}' returned a result with a size exceeding the maximum number of bytes service limit.`,
});

function machine(state: object, then: Record<string, object> = {}): object {
  return { StartAt: 'S', States: { S: { Next: 'E', ...state }, E: { Type: 'Succeed' }, ...then } };
}

async function ends(definition: object, options: InMemoryOptions = {}) {
  const { execution, history } = await runInMemory(definition, options);
  return { status: execution.status, failure: execution.failure, last: history.at(-1), history };
}

const work = { Type: 'Task', Resource: RESOURCE };

/** Where AWS counts bytes: each makes data of a size appear there, and says who is named when it is too much. */
const PLACES: Record<
  string,
  (value: string) => { definition: object; tasks?: Tasks; input?: unknown; producer: string }
> = {
  'the result of a Pass': (value) => ({
    definition: machine({ Type: 'Pass', Result: value }),
    producer: 'S',
  }),
  'the output of a Pass after ResultPath': (value) => ({
    definition: machine({ Type: 'Pass', Result: value.slice('{"a":}'.length), ResultPath: '$.a' }),
    producer: 'S',
  }),
  'what Parameters of a Pass make, though ResultPath discards it': (value) => ({
    definition: machine({ Type: 'Pass', Parameters: [value.slice(2)], ResultPath: null }),
    producer: 'S',
  }),
  'what Parameters of a Task make': (value) => ({
    definition: machine({ ...work, Parameters: [value.slice(2)] }),
    tasks: () => ({ output: 1 }),
    producer: 'S',
  }),
  'what Arguments of a Task make': (value) => ({
    definition: machine({ ...work, QueryLanguage: 'JSONata', Arguments: value }),
    tasks: () => ({ output: 1 }),
    producer: 'S',
  }),
  'the result of a Task, though ResultSelector makes it small': (value) => ({
    definition: machine({ ...work, ResultSelector: { a: 1 } }),
    tasks: () => ({ output: value }),
    producer: RESOURCE,
  }),
  'the output of a Task after ResultPath': (value) => ({
    definition: machine({ ...work, ResultPath: '$.a' }),
    tasks: () => ({ output: value.slice('{"a":}'.length) }),
    producer: 'S',
  }),
  'the output of a Task, of JSONata': (value) => ({
    definition: machine({ ...work, QueryLanguage: 'JSONata', Output: value }),
    tasks: () => ({ output: 1 }),
    producer: 'S',
  }),
  'what Parameters of a Parallel make': (value) => ({
    definition: machine({
      Type: 'Parallel',
      Parameters: [value.slice(2)],
      ResultSelector: { a: 1 },
      Branches: [{ StartAt: 'B', States: { B: { Type: 'Pass', Result: 1, End: true } } }],
    }),
    producer: 'S',
  }),
  'the joined outputs of a Parallel': (value) => ({
    definition: machine({
      Type: 'Parallel',
      Branches: ['A', 'B'].map((name) => ({
        StartAt: name,
        States: {
          [name]: { Type: 'Pass', Result: name === 'A' ? value.slice('[,1]'.length) : 1, End: true },
        },
      })),
    }),
    producer: 'S',
  }),
  'what ItemSelector of a Map makes': (value) => ({
    definition: machine({
      Type: 'Map',
      ItemSelector: [value.slice(2)],
      ItemProcessor: { StartAt: 'B', States: { B: { Type: 'Pass', Result: 1, End: true } } },
    }),
    input: [1],
    producer: 'S',
  }),
  'an item of a Map that an expression makes': (value) => ({
    definition: machine({
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: [value],
      Output: 1,
      ItemProcessor: {
        StartAt: 'B',
        States: { B: { Type: 'Pass', QueryLanguage: 'JSONata', Output: 1, End: true } },
      },
    }),
    producer: 'S',
  }),
  'the joined outputs of a Map': (value) => ({
    definition: machine({
      Type: 'Map',
      ItemProcessor: {
        StartAt: 'B',
        States: { B: { Type: 'Pass', Result: value.slice('[]'.length), End: true } },
      },
    }),
    input: [1],
    producer: 'S',
  }),
  'a variable': (value) => ({
    definition: machine({ Type: 'Pass', Assign: { a: value }, Next: 'E' }),
    producer: 'S',
  }),
  'the variables of one Assign together': (value) => ({
    definition: machine({ Type: 'Pass', Assign: { a: value.slice(1), b: 1 } }),
    producer: 'S',
  }),
};

describe.each(Object.keys(PLACES))('%s', (place) => {
  test.each([
    ['ASCII', 'a'],
    ['two bytes a character', 'é'],
    ['four bytes a character', '😀'],
  ])('may take 262,144 bytes and not one more: %s', async (_what, character) => {
    const run = (size: number) => {
      const { producer, definition, input, tasks } = (PLACES[place] as (typeof PLACES)[string])(
        textOf(size, character),
      );
      return {
        producer,
        ended: ends(definition, {
          ...(input !== undefined && { input: JSON.stringify(input) }),
          ...(tasks && { tasks }),
        }),
      };
    };
    for (const size of [LIMIT - 1, LIMIT]) expect((await run(size).ended).status).toBe('SUCCEEDED');
    const { producer, ended } = run(LIMIT + 1);
    const { failure, last } = await ended;
    expect(failure).toEqual(exceeded(producer));
    expect(last).toMatchObject({ type: 'ExecutionFailed', executionFailedEventDetails: exceeded(producer) });
  });
});

test('what a catcher makes has its limit, too: its output and its variables', async () => {
  const big = textOf(LIMIT - 20, 'é');
  const failing = {
    tasks: () => ({ error: 'Wrong', cause: 'c' }),
    input: JSON.stringify({ big }),
  };
  const caught = (catcher: object) =>
    ends(machine({ ...work, Catch: [{ ErrorEquals: ['Wrong'], Next: 'E', ...catcher }] }), failing);
  expect(await caught({ ResultPath: '$.e' })).toMatchObject({ failure: exceeded('S') });
  expect(await caught({ ResultPath: null })).toMatchObject({ status: 'SUCCEEDED' });
  expect(await caught({ ResultPath: null, Assign: { a: textOf(LIMIT, 'é') } })).toMatchObject({
    status: 'SUCCEEDED',
  });
  expect(await caught({ ResultPath: null, Assign: { a: textOf(LIMIT + 1, 'é') } })).toMatchObject({
    failure: exceeded('S'),
  });
});

test('variables that are given up make room for new ones', async () => {
  const assign = (n: number) => ({ Type: 'Pass', Assign: { [`v${n % 39}`]: textOf(LIMIT, 'a') } });
  const chain = (length: number, name: (n: number) => object): object => ({
    StartAt: 'P0',
    States: Object.fromEntries(
      Array.from({ length }, (_, n) => [
        `P${n}`,
        { ...name(n), ...(n + 1 < length ? { Next: `P${n + 1}` } : { End: true }) },
      ]),
    ),
  });
  expect((await ends(chain(60, assign))).status).toBe('SUCCEEDED');
  const eachItsOwn = (n: number) => ({ Type: 'Pass', Assign: { [`v${n}`]: textOf(LIMIT, 'a') } });
  expect((await ends(chain(40, eachItsOwn))).status).toBe('SUCCEEDED');
  expect((await ends(chain(41, eachItsOwn))).failure).toEqual(exceeded('P40'));
});

describe('the limits that an execution was started with', () => {
  const wait = { StartAt: 'S', States: { S: { Type: 'Wait', Seconds: 1, End: true } } };

  test('are AWS’s when its journal says nothing of them', async () => {
    const { journal, execution } = await runInMemory(wait);
    expect(journal[0]?.private).not.toHaveProperty('limits');
    expect(execution.limits).toEqual({ maxHistoryEvents: 25_000, maxPayloadBytes: 262_144 });
  });

  test('come back from its journal and from its snapshot', async () => {
    const limits = { maxHistoryEvents: 100_000, maxPayloadBytes: 1_000_000 };
    const { journal } = await runInMemory(wait, { limits });
    const folded = fold(decodeAll(journal).slice(0, 2));
    expect(folded.limits).toEqual(limits);
    expect(restore(snapshot(folded)).limits).toEqual(limits);
  });

  test('hold, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 1_000_000 }), async (maxPayloadBytes) => {
        const limits = { maxPayloadBytes };
        const result = (size: number) => machine({ Type: 'Pass', Result: textOf(size, 'é') });
        expect((await ends(result(maxPayloadBytes), { limits })).status).toBe('SUCCEEDED');
        expect((await ends(result(maxPayloadBytes + 1), { limits })).failure).toEqual(exceeded('S'));
      }),
      { numRuns: 25 },
    );
  });

  test('let a history grow beyond AWS’s cap', async () => {
    const loop = {
      StartAt: 'L',
      States: {
        L: { Type: 'Pass', Next: 'C' },
        C: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'E' }], Default: 'L' },
        E: { Type: 'Succeed' },
      },
    };
    const { history, failure } = await ends(loop, { limits: { maxHistoryEvents: 25_004 } });
    expect(history).toHaveLength(25_004);
    expect(failure?.cause).toBe('The execution reached the maximum number of history events (25004).');
  });
});

test('items that an expression nests too deeply fail the Map instead of a journal that cannot be read', async () => {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'M',
    States: {
      M: {
        Type: 'Map',
        Items: '{% [{ "a": { "b": $states.input } }] %}',
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', Output: 'done', End: true } } },
        End: true,
      },
    },
  };
  const input = `${'['.repeat(999)}1${']'.repeat(999)}`;
  const limits = { maxEventsPerTransition: 0 };
  const { execution } = await runInMemory(definition, { input, limits, resumeEveryAppend: true });
  expect(execution.failure).toEqual({
    error: 'States.Runtime',
    cause: expect.stringContaining("The data of 'M' is nested deeper than 1000 levels."),
  });
});
