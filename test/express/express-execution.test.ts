import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, toHistoryEvent } from '../../runtime/index.ts';
import { outline, runInMemory, START_TIME } from '../support/in-memory-run.ts';
import { answerTo, randomAnswers, randomMachines } from '../support/random-machine.ts';
import { patience, runs } from '../support/runs.ts';
import { type ExpressRun, LeapingWorld, run } from './express-world.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const task = (more: object = {}) => ({ Type: 'Task', Resource: LAMBDA, End: true, ...more });
const machine = (states: Record<string, object>) => ({ StartAt: Object.keys(states)[0], States: states });

const shown = ({ journal }: ExpressRun) =>
  journal.flatMap((event) => toHistoryEvent(event, { includeExecutionData: true }) ?? []);

test('runs pure states to their end', async () => {
  const definition = machine({ A: { Type: 'Pass', Result: 1, Next: 'B' }, B: { Type: 'Succeed' } });
  const { outcome, journal } = await run(definition);
  expect(outcome).toEqual({
    status: 'SUCCEEDED',
    output: '1',
    failure: undefined,
    startedAt: START_TIME,
    stoppedAt: START_TIME,
  });
  expect(fold(journal).status).toBe('SUCCEEDED');
});

test('retries a task after its delay, and catches', async () => {
  const definition = machine({
    A: task({
      Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 7, MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['Busy'], Next: 'B' }],
    }),
    B: { Type: 'Pass', End: true },
  });
  const times: number[] = [];
  const world = new LeapingWorld(() => {
    times.push(world.time);
    return { kind: 'failed', failure: { error: 'Busy' } };
  });
  const { outcome } = await run(definition, { world });
  expect(times).toEqual([START_TIME, START_TIME + 7000]);
  expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: '{"Error":"Busy","Cause":""}' });
});

test('a task that nothing serves fails the execution', async () => {
  const { outcome } = await run(machine({ A: task() }));
  expect(outcome.failure).toMatchObject({
    error: 'States.Runtime',
    cause: expect.stringContaining(`No integration serves the resource '${LAMBDA}'`),
  });
});

describe('the time is over', () => {
  const wait = machine({ A: { Type: 'Wait', Seconds: 10_000, End: true } });

  test('after five minutes', async () => {
    const { outcome } = await run(wait);
    expect(outcome).toMatchObject({ status: 'TIMED_OUT', stoppedAt: START_TIME + 300_000 });
  });

  test('after TimeoutSeconds', async () => {
    const { outcome } = await run({ ...wait, TimeoutSeconds: 20 });
    expect(outcome).toMatchObject({ status: 'TIMED_OUT', stoppedAt: START_TIME + 20_000 });
  });

  test('a TimeoutSeconds beyond five minutes changes nothing', async () => {
    const { outcome } = await run({ ...wait, TimeoutSeconds: 9000 });
    expect(outcome).toMatchObject({ status: 'TIMED_OUT', stoppedAt: START_TIME + 300_000 });
  });

  test('and calls under way are cancelled', async () => {
    let signal: AbortSignal | undefined;
    const answer = (call: { signal: AbortSignal }) => {
      signal = call.signal;
      return new Promise<never>(() => {});
    };
    const { outcome } = await run(machine({ A: task() }), { answer });
    expect(outcome.status).toBe('TIMED_OUT');
    expect(signal?.aborted).toBe(true);
  });
});

test('an endless loop leaves others their turn, and ends with its time', async () => {
  const again = { Variable: '$.stop', IsPresent: false, Next: 'A' };
  const definition = machine({
    A: { Type: 'Choice', Choices: [again], Default: 'B' },
    B: { Type: 'Succeed' },
  });
  const world = new LeapingWorld(undefined);
  const endless = run(definition, { world });
  const other = await run(machine({ A: { Type: 'Succeed' } }));
  expect(other.outcome.status).toBe('SUCCEEDED');
  world.time += 300_000;
  expect((await endless).outcome).toMatchObject({ status: 'TIMED_OUT' });
});

test('who gives up its result ends the execution and its calls', async () => {
  const giveUp = new AbortController();
  let call: AbortSignal | undefined;
  const running = run(machine({ A: task() }), {
    signal: giveUp.signal,
    answer: ({ signal }) => {
      call = signal;
      setImmediate(() => giveUp.abort());
      return new Promise<never>(() => {});
    },
    world: undefined,
  });
  // At once, and not when its time is over.
  expect((await running).outcome).toMatchObject({
    status: 'ABORTED',
    output: undefined,
    stoppedAt: START_TIME,
  });
  expect(call?.aborted).toBe(true);
});

test(
  'what the core would do in any other driver, it does here',
  async () => {
    const check = async (
      { definition, input }: { definition: object; input: string },
      answers: Parameters<typeof answerTo>[1],
    ): Promise<void> => {
      const express = await run(definition, {
        input,
        answer: ({ input: payload }) => {
          const answer = answerTo(payload.text, answers);
          if (answer === 'never') return new Promise<never>(() => {});
          if ('output' in answer) return { kind: 'succeeded', output: JSON.stringify(answer.output) };
          return { kind: 'failed', failure: answer };
        },
      });
      const tasks: NonNullable<Parameters<typeof runInMemory>[1]>['tasks'] = ({ input: payload }) =>
        answerTo(payload.text, answers);
      const timed = { TimeoutSeconds: 300, ...definition };
      const reference = await runInMemory(timed, { input, tasks, limits: { maxHistoryEvents: 1_000_000 } });
      expect(outline(shown(express))).toEqual(outline(reference.history));
      expect(express.outcome.status).toBe(reference.execution.status);
      expect(express.outcome.output).toBe(reference.execution.output?.text);
    };
    const machines = randomMachines({ tasksInScopes: false });
    await fc.assert(fc.asyncProperty(machines, randomAnswers, check), { numRuns: runs(60) });
  },
  patience(60_000),
);
