/**
 * One execution, three ways: the durable driver with workers that take over from each other, the in-memory driver,
 * and a replay of the journal. They agree event for event, for any machine and any task results.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Execution,
  fold,
  type JournalEvent,
  PORTABLE_LIMITS,
  toHistoryEvent,
} from '../../runtime/index.ts';
import type { AfterAppend } from '../../worker/activation-context.ts';
import { Run, runInMemory, type Tasks } from '../support/in-memory-run.ts';
import { answerTo, randomAnswers, randomMachines } from '../support/random-machine.ts';
import { patience, runs } from '../support/runs.ts';
import { createDurableDriver, type DurableRun } from './durable-driver.ts';

const LIMITS = { ...PORTABLE_LIMITS, maxHistoryEvents: 300 };

test(
  'workers that take over from each other at any point write the history of an undisturbed run',
  async () => {
    const driver = await createDurableDriver(200);
    // Of each ten appends, those that end the activation.
    const crashes = fc.array(fc.boolean(), { minLength: 10, maxLength: 10 });
    const check = async (
      machine: Parameters<typeof driver.run>[0],
      answers: Parameters<typeof answerTo>[1],
      crash: readonly boolean[],
    ): Promise<void> => {
      const afterAppend: AfterAppend = (_id, seq) => (crash[seq % 10] ? 'end-activation' : 'continue');
      const durable = await driver.run(machine, {
        answer: (payload) => answerTo(payload, answers),
        limits: LIMITS,
        afterAppend,
      });
      const tasks: Tasks = ({ input }) => answerTo(input.text, answers);
      expectSame(
        durable,
        await runInMemory(machine.definition, { input: machine.input, tasks, limits: LIMITS }),
      );
    };
    await fc.assert(fc.asyncProperty(randomMachines(), randomAnswers, crashes, check), { numRuns: runs(60) });
  },
  patience(60_000),
);

test(
  'where every step is an append and every append a takeover, the history is the same',
  async () => {
    const driver = await createDurableDriver(0);
    const machines = randomMachines({ tasksInScopes: false });
    const check = async (
      machine: Parameters<typeof driver.run>[0],
      answers: Parameters<typeof answerTo>[1],
    ): Promise<void> => {
      const owners: number[] = [];
      const afterAppend: AfterAppend = (_id, seq) => {
        owners.push(seq);
        return 'end-activation';
      };
      const durable = await driver.run(machine, {
        answer: (payload) => answerTo(payload, answers),
        limits: LIMITS,
        afterAppend,
      });
      const tasks: Tasks = ({ input }) => answerTo(input.text, answers);
      const limits = { ...LIMITS, maxEventsPerTransition: 0 };
      expectSame(durable, await runInMemory(machine.definition, { input: machine.input, tasks, limits }));
    };
    await fc.assert(fc.asyncProperty(machines, randomAnswers, check), { numRuns: runs(30) });
  },
  patience(60_000),
);

test(
  'through redrives, too, and with takeovers at every append of them',
  async () => {
    const driver = await createDurableDriver(0);
    const machines = randomMachines({ tasksInScopes: false });
    const REDRIVES = 3;
    const check = async (
      machine: Parameters<typeof driver.run>[0],
      answers: Parameters<typeof answerTo>[1],
    ): Promise<void> => {
      const answer = (payload: string, redrives: number) => answerTo(`${redrives} ${payload}`, answers);
      const afterAppend: AfterAppend = () => 'end-activation';
      const durable = await driver.run(machine, { answer, redrives: REDRIVES, limits: LIMITS, afterAppend });
      const { definition, input } = machine;
      const inMemory = new Run(definition, {
        input,
        tasks: ({ input }) => answer(input.text, inMemory.execution.redrive?.count ?? 0),
        limits: { ...LIMITS, maxEventsPerTransition: 0 },
      });
      await inMemory.toEnd();
      for (let n = 0; n < REDRIVES && canBeRedriven(inMemory.execution); n++) {
        inMemory.redrive(0);
        await inMemory.toEnd();
      }
      expectSame(durable, inMemory);
    };
    await fc.assert(fc.asyncProperty(machines, randomAnswers, check), { numRuns: runs(30) });
  },
  patience(90_000),
);

function canBeRedriven({ status, lastEventId }: Execution): boolean {
  return status !== 'SUCCEEDED' && lastEventId < LIMITS.maxHistoryEvents - 1;
}

/** Histories compare by all that AWS shows, times by what has passed since the start. */
function expectSame(durable: DurableRun, inMemory: Awaited<ReturnType<typeof runInMemory>>): void {
  expect(shown(durable.journal)).toEqual(shown(inMemory.journal));
  const { status, output, failure } = fold(durable.journal);
  const { record } = durable;
  expect({ status, output: output?.text }).toEqual({ status: record.status, output: record.output });
  expect({ error: failure?.error, cause: failure?.cause }).toEqual({
    error: record.error,
    cause: record.cause,
  });
  expect(inMemory.execution.status).toBe(record.status);
}

function shown(journal: readonly JournalEvent[]): object[] {
  const start = journal[0]?.timestamp ?? 0;
  return journal.flatMap((event) => {
    const history = toHistoryEvent(event, { includeExecutionData: true });
    return history === undefined ? [] : [{ ...history, timestamp: event.timestamp - start }];
  });
}
