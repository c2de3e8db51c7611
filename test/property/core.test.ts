/** The core by itself, with any machine: whatever it is given, it ends with an outcome, and its journal is its state. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Execution, fold, Payload, restore, snapshot } from '../../runtime/index.ts';
import { decodeAll, runInMemory, type TaskAnswer, type Tasks } from '../support/in-memory-run.ts';
import { answerTo, randomAnswers, randomMachines } from '../support/random-machine.ts';
import { patience, runs } from '../support/runs.ts';

/** So that nested retries stay small; some machines reach it. */
const LIMITS = { maxHistoryEvents: 300 };
const TIMEOUT_MS = patience(30_000);

const oddText = fc.constantFrom('__proto__', '\u0000', '\ud800', '{%$x%}', '$.a', 'States.ALL', '');
const oddAnswers = fc.array(
  fc.oneof(
    fc.jsonValue({ depthSize: 'medium' }).map((output): TaskAnswer => ({ output })),
    fc.record({ error: oddText, cause: oddText }),
  ),
  { minLength: 1, maxLength: 6 },
);

const answering =
  (answers: readonly TaskAnswer[]): Tasks =>
  ({ input }) =>
    answerTo(input.text, answers);

test(
  'any input and any task results end in an outcome, and the journal folds to it',
  async () => {
    const inputs = fc.json({ depthSize: 'medium', stringUnit: 'binary' });
    await fc.assert(
      fc.asyncProperty(randomMachines(), inputs, oddAnswers, async ({ definition }, input, answers) => {
        const tasks = answering(answers);
        const { execution, journal } = await runInMemory(definition, { input, tasks, limits: LIMITS });
        expect(execution.status).not.toBe('RUNNING');
        expect(plain(fold(decodeAll(journal)))).toEqual(plain(execution));
      }),
      { numRuns: runs(150) },
    );
  },
  TIMEOUT_MS,
);

test(
  'payloads beyond the limit fail their state, wherever they come up',
  async () => {
    const sizes = fc.integer({ min: 2, max: 400 });
    await fc.assert(
      fc.asyncProperty(randomMachines(), randomAnswers, sizes, async (machine, answers, maxPayloadBytes) => {
        const limits = { ...LIMITS, maxPayloadBytes };
        const options = { input: machine.input, tasks: answering(answers), limits };
        const { execution } = await runInMemory(machine.definition, options);
        expect(execution.status).not.toBe('RUNNING');
      }),
      { numRuns: runs(100) },
    );
  },
  TIMEOUT_MS,
);

test(
  'a snapshot anywhere in the journal is as good as the journal before it',
  async () => {
    await fc.assert(
      fc.asyncProperty(randomMachines(), randomAnswers, fc.nat(), async (machine, answers, cut) => {
        const options = { input: machine.input, tasks: answering(answers), limits: LIMITS };
        const { execution, journal } = await runInMemory(machine.definition, options);
        const stored = decodeAll(journal);
        const at = 1 + (cut % stored.length);
        const resumed = restore(snapshot(fold(stored.slice(0, at))));
        expect(plain(fold(stored.slice(at), resumed))).toEqual(plain(execution));
      }),
      { numRuns: runs(120) },
    );
  },
  TIMEOUT_MS,
);

test(
  'a crash before every trigger changes nothing in the history',
  async () => {
    await fc.assert(
      fc.asyncProperty(randomMachines(), randomAnswers, async ({ definition, input }, answers) => {
        const limits = { ...LIMITS, maxEventsPerTransition: 7 };
        const options = { input, tasks: answering(answers), limits };
        const live = await runInMemory(definition, options);
        const resumed = await runInMemory(definition, { ...options, resumeEveryAppend: true });
        expect(resumed.history).toEqual(live.history);
      }),
      { numRuns: runs(100) },
    );
  },
  TIMEOUT_MS,
);

test(
  'ids are 1 to n, each event follows an earlier one, and only the last one is an end',
  async () => {
    await fc.assert(
      fc.asyncProperty(randomMachines(), randomAnswers, async ({ definition, input }, answers) => {
        const { history } = await runInMemory(definition, {
          input,
          tasks: answering(answers),
          limits: LIMITS,
        });
        expect(history.map(({ id }) => id)).toEqual(history.map((_event, n) => n + 1));
        expect(history.every(({ id, previousEventId }) => previousEventId < id)).toBe(true);
        const ends = history.filter(({ type }) => /^Execution(Succeeded|Failed|TimedOut)$/.test(type));
        expect(ends).toEqual([history.at(-1)]);
      }),
      { numRuns: runs(100) },
    );
  },
  TIMEOUT_MS,
);

/** An execution without its sharing: payloads as text. */
function plain(execution: Execution): unknown {
  return JSON.parse(
    JSON.stringify(execution, (_key, value: unknown) => {
      if (value instanceof Payload) return { text: value.text };
      return value instanceof Map ? [...value] : value;
    }),
  );
}
