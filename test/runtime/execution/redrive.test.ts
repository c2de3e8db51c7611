/**
 * What a redrive does to each kind of state. Chains, and what is not entered again, as recorded on AWS for Task,
 * Parallel, inline Map and Fail; the others follow from these.
 */
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_LIMITS,
  fold,
  nextDeadline,
  openTasks,
  Payload,
  transition,
} from '../../../runtime/index.ts';
import {
  decodeAll,
  type InMemoryOptions,
  outline,
  Run,
  START_TIME,
  type TaskAnswer,
  type Tasks,
} from '../../support/in-memory-run.ts';

const lambda = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const task = (fields: object = { End: true }): object => ({ Type: 'Task', Resource: lambda('f'), ...fields });
const boom = { error: 'Boom', cause: 'it broke' };

/** Answers by state, one an attempt; the last one counts for all that follow. */
const answering =
  (answers: Readonly<Record<string, readonly TaskAnswer[]>>): Tasks =>
  ({ stateName, input }, attempt) => {
    const own = answers[stateName] ?? [];
    return own[Math.min(attempt, own.length - 1)] ?? { output: input.value };
  };
const brokenOnce: readonly TaskAnswer[] = [boom, { output: 'fixed' }];

/** An execution that was redriven after its first end, at its second one. */
async function redriven(definition: object, options: InMemoryOptions = {}): Promise<Run> {
  const run = new Run(definition, options);
  await run.toEnd();
  run.redrive();
  await run.toEnd();
  return run;
}

/** The events from the last redrive on. */
function resumed({ history }: Run): string[] {
  return outline(history).slice(history.findLastIndex(({ type }) => type === 'ExecutionRedriven'));
}

function detailsOf({ history }: Run, id: number, member: `${string}EventDetails`): unknown {
  return history[id - 1]?.[member];
}

describe('a Task', () => {
  test('is scheduled again without being entered again', async () => {
    const run = await redriven(
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: task() } },
      { tasks: answering({ B: brokenOnce }) },
    );
    expect(outline(run.history)).toEqual([
      '1<-0 ExecutionStarted',
      '2<-0 PassStateEntered',
      '3<-2 PassStateExited',
      '4<-3 TaskStateEntered',
      '5<-4 LambdaFunctionScheduled',
      '6<-5 LambdaFunctionStarted',
      '7<-6 LambdaFunctionFailed',
      '8<-7 ExecutionFailed',
      '9<-8 ExecutionRedriven',
      '10<-4 LambdaFunctionScheduled',
      '11<-10 LambdaFunctionStarted',
      '12<-11 LambdaFunctionSucceeded',
      '13<-12 TaskStateExited',
      '14<-13 ExecutionSucceeded',
    ]);
    expect(detailsOf(run, 9, 'executionRedrivenEventDetails')).toEqual({ redriveCount: 1 });
    expect(run.execution).toMatchObject({ status: 'SUCCEEDED', failure: undefined });
  });

  test('has all its retries again', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 2 }];
    const run = await redriven(
      {
        StartAt: 'T',
        States: { T: task({ Parameters: { 'n.$': '$$.State.RetryCount' }, Retry, End: true }) },
      },
      { tasks: answering({ T: [boom, boom, boom, { output: 'fixed' }] }) },
    );
    expect(resumed(run)).toEqual([
      '10<-9 ExecutionRedriven',
      '11<-2 LambdaFunctionScheduled',
      '12<-11 LambdaFunctionStarted',
      '13<-12 LambdaFunctionFailed',
      '14<-13 LambdaFunctionScheduled',
      '15<-14 LambdaFunctionStarted',
      '16<-15 LambdaFunctionSucceeded',
      '17<-16 TaskStateExited',
      '18<-17 ExecutionSucceeded',
    ]);
    const counts = [3, 6, 11, 14].map((id) => detailsOf(run, id, 'lambdaFunctionScheduledEventDetails'));
    expect(counts).toMatchObject(['{"n":0}', '{"n":1}', '{"n":0}', '{"n":1}'].map((input) => ({ input })));
  });

  test('that was between two attempts is scheduled at once', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 600 }];
    const run = new Run(
      { StartAt: 'T', States: { T: task({ Retry, End: true }) } },
      { tasks: answering({ T: brokenOnce }) },
    );
    await run.toEnd(2);
    run.stop();
    run.redrive(10);
    await run.toEnd();
    expect(resumed(run).slice(0, 2)).toEqual(['7<-6 ExecutionRedriven', '8<-2 LambdaFunctionScheduled']);
    expect(run.history.at(-1)?.timestamp).toBe(START_TIME / 1000 + 10);
  });

  test('that timed out has its time anew', async () => {
    const run = await redriven(
      { StartAt: 'T', States: { T: task({ TimeoutSeconds: 20, End: true }) } },
      { tasks: answering({ T: ['never'] }) },
    );
    expect(resumed(run)).toEqual([
      '7<-6 ExecutionRedriven',
      '8<-2 LambdaFunctionScheduled',
      '9<-8 LambdaFunctionStarted',
      '10<-9 LambdaFunctionTimedOut',
      '11<-10 ExecutionFailed',
    ]);
    expect(run.history.at(-1)?.timestamp).toBe(START_TIME / 1000 + 20 + 60 + 20);
  });

  test('whose output could not be used is called again', async () => {
    const run = await redriven(
      { StartAt: 'T', States: { T: task({ OutputPath: '$.ok', End: true }) } },
      { tasks: answering({ T: [{ output: {} }, { output: { ok: 1 } }] }) },
    );
    expect(run.history.filter(({ type }) => type === 'LambdaFunctionSucceeded')).toHaveLength(2);
    expect(run.execution.output?.text).toBe('1');
  });

  test('whose Catcher failed is called again', async () => {
    const Catch = [{ ErrorEquals: ['Boom'], ResultPath: '$.error', Next: 'C' }];
    const run = await redriven(
      {
        StartAt: 'T',
        States: { T: task({ Catch, Next: 'C' }), C: { Type: 'Succeed' } },
      },
      { input: '[]', tasks: answering({ T: brokenOnce }) },
    );
    expect(resumed(run).slice(0, 2)).toEqual(['7<-6 ExecutionRedriven', '8<-2 LambdaFunctionScheduled']);
    expect(run.execution.output?.text).toBe('"fixed"');
  });

  test('of an activity is offered again, whether a worker had taken it or not', async () => {
    const Resource = 'arn:aws:states:us-east-1:000000000000:activity:a';
    const run = new Run(
      { StartAt: 'T', States: { T: { Type: 'Task', Resource, End: true } } },
      { tasks: () => 'never' },
    );
    await run.toEnd(1);
    run.stop();
    run.redrive();
    await run.toEnd(1);
    expect(outline(run.history)).toEqual([
      '1<-0 ExecutionStarted',
      '2<-0 TaskStateEntered',
      '3<-2 ActivityScheduled',
      '4<-0 ExecutionAborted',
      '5<-4 ExecutionRedriven',
      '6<-2 ActivityScheduled',
    ]);
    const moment = { time: START_TIME, seed: [1, 2, 3, 4] as const };
    const taken = { kind: 'ActivityStarted', scheduledEventId: 3 } as const;
    expect(await transition(run.machine, run.execution, taken, moment, DEFAULT_LIMITS)).toEqual({
      events: [],
      effects: [],
    });
  });

  test('gets another token, and news of attempts from before move nothing', async () => {
    const run = new Run(
      {
        StartAt: 'T',
        States: {
          T: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
            Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token' } },
            End: true,
          },
        },
      },
      { tasks: () => 'never' },
    );
    await run.toEnd(1);
    const [old] = openTasks(run.machine, run.execution);
    run.stop();
    run.redrive();
    await run.toEnd(1);
    const [fresh] = openTasks(run.machine, run.execution);
    expect(fresh?.token).toMatch(/^[0-9a-f]{64}$/);
    expect(fresh?.token).not.toBe(old?.token);
    const moment = { time: START_TIME, seed: [1, 2, 3, 4] as const };
    for (const kind of ['TaskSucceeded', 'CallbackSucceeded'] as const) {
      const scheduledEventId = old?.scheduledEventId ?? 0;
      const news = { kind, scheduledEventId, output: Payload.fromValue(1) };
      expect(await transition(run.machine, run.execution, news, moment, DEFAULT_LIMITS)).toEqual({
        events: [],
        effects: [],
      });
    }
  });
});

describe('a Wait', () => {
  const waiting = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 100, End: true } } };

  test('ends when it would have ended', async () => {
    const run = new Run(waiting);
    await run.toEnd(1);
    run.stop();
    run.redrive(30);
    await run.toEnd();
    expect(resumed(run)).toEqual([
      '4<-3 ExecutionRedriven',
      '5<-2 WaitStateExited',
      '6<-5 ExecutionSucceeded',
    ]);
    expect(run.history.at(-1)?.timestamp).toBe(START_TIME / 1000 + 100);
  });

  test('whose time is over ends at once', async () => {
    const run = new Run(waiting);
    await run.toEnd(1);
    run.stop();
    run.redrive(1000);
    await run.toEnd();
    expect(run.history.at(-1)?.timestamp).toBe(START_TIME / 1000 + 1000);
  });

  test('that failed at its end does not wait again', async () => {
    const Output = '{% $states.context.Execution.RedriveCount = 0 ? $error("not yet") : "done" %}';
    const run = await redriven({
      QueryLanguage: 'JSONata',
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 100, Output, End: true } },
    });
    expect(resumed(run)).toEqual([
      '5<-4 ExecutionRedriven',
      '6<-2 WaitStateExited',
      '7<-6 ExecutionSucceeded',
    ]);
    expect(run.execution.output?.text).toBe('"done"');
    expect(run.history.at(-1)?.timestamp).toBe(START_TIME / 1000 + 100 + 60);
  });

  test('that never knew its time is entered again', async () => {
    const Seconds = '{% $states.context.Execution.RedriveCount = 0 ? "soon" : 5 %}';
    const run = await redriven({
      QueryLanguage: 'JSONata',
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds, End: true } },
    });
    expect(resumed(run)).toEqual([
      '5<-4 ExecutionRedriven',
      '6<-2 WaitStateEntered',
      '7<-6 WaitStateExited',
      '8<-7 ExecutionSucceeded',
    ]);
  });
});

describe('states without any work of their own', () => {
  const byRedrives = '{% $states.context.Execution.RedriveCount = 0 ? $error("not yet") : "done" %}';

  test.each([
    ['Pass', { Type: 'Pass', Output: byRedrives, End: true }],
    ['Succeed', { Type: 'Succeed', Output: byRedrives }],
  ])('a %s does its work again', async (type, state) => {
    const run = await redriven({ QueryLanguage: 'JSONata', StartAt: 'S', States: { S: state } });
    expect(resumed(run)).toEqual([
      '5<-4 ExecutionRedriven',
      `6<-2 ${type}StateExited`,
      '7<-6 ExecutionSucceeded',
    ]);
  });

  test('a Choice looks at its rules again; its failure chains to the redrive', async () => {
    const Variable = '$$.Execution.RedriveCount';
    const run = await redriven({
      StartAt: 'C',
      States: {
        C: { Type: 'Choice', Choices: [{ Variable, NumericEquals: 2, Next: 'S' }] },
        S: { Type: 'Succeed' },
      },
    });
    expect(resumed(run)).toEqual(['4<-3 ExecutionRedriven', '5<-4 ExecutionFailed']);
    run.redrive();
    await run.toEnd();
    expect(resumed(run).slice(0, 3)).toEqual([
      '6<-5 ExecutionRedriven',
      '7<-2 ChoiceStateExited',
      '8<-7 SucceedStateEntered',
    ]);
  });

  test('a Fail fails again, with nothing but the end of the execution', async () => {
    const run = await redriven({
      StartAt: 'F',
      States: { F: { Type: 'Fail', Error: 'No', Cause: 'never' } },
    });
    expect(resumed(run)).toEqual(['4<-3 ExecutionRedriven', '5<-4 ExecutionFailed']);
    expect(detailsOf(run, 5, 'executionFailedEventDetails')).toEqual({ error: 'No', cause: 'never' });
  });

  test('a Fail whose error could not be told is entered again', async () => {
    const run = await redriven({
      QueryLanguage: 'JSONata',
      StartAt: 'F',
      States: { F: { Type: 'Fail', Error: byRedrives } },
    });
    expect(resumed(run)).toEqual(['5<-4 ExecutionRedriven', '6<-2 FailStateEntered', '7<-6 ExecutionFailed']);
    expect(run.execution.failure).toEqual({ error: 'done' });
  });
});

describe('a Parallel', () => {
  const branch = (name: string, state: object = task()): object => ({
    StartAt: name,
    States: { [name]: state },
  });
  const parallel = (branches: readonly object[], fields: object = { End: true }): object => ({
    StartAt: 'P',
    States: { P: { Type: 'Parallel', Branches: branches, ...fields } },
  });

  test('runs what failed and what was aborted again, and keeps what succeeded', async () => {
    const run = await redriven(parallel([branch('Done'), branch('Broken'), branch('Aborted')]), {
      tasks: answering({
        Done: [{ output: 'kept' }, { output: 'called twice' }],
        Broken: brokenOnce,
        Aborted: ['never', { output: 'fixed too' }],
      }),
    });
    expect(outline(run.history).slice(12)).toEqual([
      '13<-6 LambdaFunctionSucceeded',
      '14<-13 TaskStateExited',
      '15<-9 LambdaFunctionFailed',
      '16<-15 TaskStateAborted',
      '17<-15 TaskStateAborted',
      '18<-15 ParallelStateFailed',
      '19<-18 ExecutionFailed',
      '20<-19 ExecutionRedriven',
      '21<-7 LambdaFunctionScheduled',
      '22<-21 LambdaFunctionStarted',
      '23<-10 LambdaFunctionScheduled',
      '24<-23 LambdaFunctionStarted',
      '25<-22 LambdaFunctionSucceeded',
      '26<-25 TaskStateExited',
      '27<-24 LambdaFunctionSucceeded',
      '28<-27 TaskStateExited',
      '29<-28 ParallelStateSucceeded',
      '30<-28 ParallelStateExited',
      '31<-30 ExecutionSucceeded',
    ]);
    expect(run.execution.output?.text).toBe('["kept","fixed","fixed too"]');
  });

  test('a Fail in a branch fails again, and with it the Parallel', async () => {
    const run = await redriven(parallel([branch('Stop', { Type: 'Fail', Error: 'No' }), branch('Later')]), {
      limits: { maxEventsPerTransition: 0 },
    });
    expect(resumed(run)).toEqual([
      '11<-10 ExecutionRedriven',
      '12<-4 TaskStateAborted',
      '13<-4 ParallelStateFailed',
      '14<-13 ExecutionFailed',
    ]);
  });

  test('a branch that had not begun begins', async () => {
    const run = new Run(parallel([branch('First'), branch('Second')]), {
      limits: { maxEventsPerTransition: 0 },
    });
    await run.toEnd(2);
    expect(run.history.at(-1)?.type).toBe('LambdaFunctionStarted');
    run.stop();
    run.redrive();
    await run.toEnd();
    expect(resumed(run).slice(0, 5)).toEqual([
      '8<-7 ExecutionRedriven',
      '9<-4 LambdaFunctionScheduled',
      '10<-9 LambdaFunctionStarted',
      '11<-3 TaskStateEntered',
      '12<-11 LambdaFunctionScheduled',
    ]);
    expect(run.execution.status).toBe('SUCCEEDED');
  });

  test('its variables, and those around it, are there again', async () => {
    const inner = {
      StartAt: 'Assign',
      States: {
        Assign: { Type: 'Pass', Assign: { inner: 2 }, Next: 'Use' },
        Use: task({ Parameters: { 'sum.$': 'States.MathAdd($outer, $inner)' }, End: true }),
      },
    };
    const run = await redriven(
      {
        StartAt: 'Outer',
        States: {
          Outer: { Type: 'Pass', Assign: { outer: 40 }, Next: 'P' },
          P: { Type: 'Parallel', Branches: [inner], End: true },
        },
      },
      { tasks: (call, attempt) => (attempt === 0 ? boom : { output: call.input.value }) },
    );
    expect(run.execution.output?.text).toBe('[{"sum":42}]');
  });

  test('whose outputs are too large together begins anew', async () => {
    const large = 'x'.repeat(60);
    const run = await redriven(parallel([branch('A'), branch('B')]), {
      limits: { maxPayloadBytes: 100 },
      tasks: answering({ A: [{ output: large }, { output: 'small' }], B: [{ output: large }] }),
    });
    expect(run.execution).toMatchObject({ status: 'SUCCEEDED' });
    expect(run.execution.output?.value).toEqual(['small', large]);
    expect(resumed(run).slice(0, 2)).toEqual(['16<-15 ExecutionRedriven', '17<-2 ParallelStateStarted']);
  });

  test('that failed because of too much data in a branch begins anew', async () => {
    const run = await redriven(parallel([branch('A'), branch('B')]), {
      limits: { maxPayloadBytes: 100 },
      tasks: answering({ B: [{ output: 'x'.repeat(101) }, { output: 'small' }] }),
    });
    expect(run.execution.status).toBe('SUCCEEDED');
    expect(run.history.filter(({ type }) => type === 'ParallelStateStarted')).toHaveLength(2);
  });

  test('whose result could not be used is joined again', async () => {
    const ResultSelector = { 'first.$': '$[0].ok' };
    const run = await redriven(parallel([branch('A')], { ResultSelector, End: true }));
    expect(resumed(run)).toEqual([
      '11<-10 ExecutionRedriven',
      '12<-8 ParallelStateSucceeded',
      '13<-11 ExecutionFailed',
    ]);
  });

  test('that waited for its retry begins anew, without waiting', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 600 }];
    const run = new Run(parallel([branch('Broken'), branch('Done')], { Retry, End: true }), {
      tasks: answering({ Broken: brokenOnce }),
    });
    await run.toEnd(2);
    expect(run.history.at(-1)?.type).toBe('TaskStateAborted');
    run.stop();
    run.redrive(10);
    await run.toEnd();
    expect(resumed(run)[1]).toBe('15<-2 ParallelStateStarted');
    expect(run.history.at(-1)?.timestamp).toBe(START_TIME / 1000 + 10);
  });

  test('whose Catcher failed keeps what succeeded', async () => {
    const Catch = [{ ErrorEquals: ['Boom'], ResultPath: '$.error', Next: 'C' }];
    const run = new Run(
      {
        StartAt: 'P',
        States: {
          P: { Type: 'Parallel', Branches: [branch('Done'), branch('Broken')], Catch, Next: 'C' },
          C: { Type: 'Succeed' },
        },
      },
      { input: '[]', tasks: answering({ Done: [{ output: 1 }, { output: 2 }], Broken: brokenOnce }) },
    );
    await run.toEnd();
    expect(run.execution.status).toBe('FAILED');
    run.redrive();
    await run.toEnd();
    expect(run.execution.output?.text).toBe('[1,"fixed"]');
  });
});

describe('an inline Map', () => {
  const item = task();
  const map = (fields: object): object => ({
    StartAt: 'M',
    States: {
      M: { Type: 'Map', ItemProcessor: { StartAt: 'Item', States: { Item: item } }, End: true, ...fields },
    },
  });

  test('runs the iteration that failed again, then those that had not begun', async () => {
    const run = await redriven(map({ MaxConcurrency: 1 }), {
      input: '[0,1,2]',
      tasks: ({ input }, attempt) => (attempt === 1 ? boom : { output: { item: input.value } }),
    });
    expect(outline(run.history).slice(14)).toEqual([
      '15<-14 LambdaFunctionFailed',
      '16<-15 MapIterationFailed',
      '17<-15 TaskStateAborted',
      '18<-15 MapStateFailed',
      '19<-18 ExecutionFailed',
      '20<-19 ExecutionRedriven',
      '21<-12 LambdaFunctionScheduled',
      '22<-21 LambdaFunctionStarted',
      '23<-22 LambdaFunctionSucceeded',
      '24<-23 TaskStateExited',
      '25<-24 MapIterationSucceeded',
      '26<-24 MapIterationStarted',
      '27<-26 TaskStateEntered',
      '28<-27 LambdaFunctionScheduled',
      '29<-28 LambdaFunctionStarted',
      '30<-29 LambdaFunctionSucceeded',
      '31<-30 TaskStateExited',
      '32<-31 MapIterationSucceeded',
      '33<-32 MapStateSucceeded',
      '34<-32 MapStateExited',
      '35<-34 ExecutionSucceeded',
    ]);
    expect(run.execution.output?.text).toBe('[{"item":0},{"item":1},{"item":2}]');
  });

  test('fills the room that it has at once', async () => {
    const run = new Run(map({ MaxConcurrency: 2 }), { input: '[0,1,2,3]', tasks: () => 'never' });
    await run.toEnd(1);
    const cut = run.history.length;
    run.stop();
    run.redrive();
    await run.toEnd(1);
    const types = run.history.slice(cut).map(({ type }) => type);
    expect(types.filter((type) => type === 'MapIterationStarted')).toEqual([]);
    expect(types.filter((type) => type === 'LambdaFunctionScheduled')).toHaveLength(2);
  });

  test('whose ItemSelector failed tries it again', async () => {
    const Items = [1, 2];
    const ItemSelector = '{% $states.context.Execution.RedriveCount = 0 ? $error("no") : 7 %}';
    const run = await redriven({
      QueryLanguage: 'JSONata',
      ...map({ Items, ItemSelector }),
    });
    expect(run.execution.output?.text).toBe('[7,7]');
    expect(run.history.filter(({ type }) => type === 'MapStateStarted')).toHaveLength(1);
  });

  test('whose items could not be told is started', async () => {
    const run = await redriven({
      QueryLanguage: 'JSONata',
      ...map({ Items: '{% $states.context.Execution.RedriveCount = 0 ? "none" : [1] %}' }),
    });
    expect(resumed(run).slice(0, 2)).toEqual(['6<-5 ExecutionRedriven', '7<-2 MapStateStarted']);
    expect(run.execution.output?.text).toBe('[1]');
  });
});

describe('scopes within scopes', () => {
  const nested = {
    StartAt: 'Outer',
    States: {
      Outer: {
        Type: 'Parallel',
        Branches: [
          {
            StartAt: 'Each',
            States: {
              Each: {
                Type: 'Map',
                ItemsPath: '$.items',
                MaxConcurrency: 2,
                ItemProcessor: {
                  StartAt: 'Both',
                  States: {
                    Both: {
                      Type: 'Parallel',
                      Branches: [
                        { StartAt: 'Left', States: { Left: task() } },
                        { StartAt: 'Right', States: { Right: task() } },
                      ],
                      End: true,
                    },
                  },
                },
                End: true,
              },
            },
          },
          { StartAt: 'Aside', States: { Aside: task() } },
        ],
        End: true,
      },
    },
  };
  const input = '{"items":[1,2,3]}';
  const called = (run: Run, state: string): number =>
    run.history.filter(
      ({ id, previousEventId, type }) =>
        type === 'LambdaFunctionScheduled' &&
        id > 0 &&
        run.history[previousEventId - 1]?.stateEnteredEventDetails?.name === state,
    ).length;

  test('only what did not succeed runs again, however deep it is', async () => {
    const tasks: Tasks = ({ stateName, input: item }, attempt) => {
      if (stateName === 'Aside' && attempt === 0) return 'never';
      if (stateName === 'Left' && attempt === 1) return boom;
      return { output: [stateName, item.value] };
    };
    const run = await redriven(nested, { input, tasks });
    expect(run.execution.output?.value).toEqual([
      [1, 2, 3].map((n) => [
        ['Left', n],
        ['Right', n],
      ]),
      ['Aside', { items: [1, 2, 3] }],
    ]);
    // The second item's Left fails after the first item is done: what runs for the third is aborted with it.
    expect(called(run, 'Left')).toBe(3 + 2);
    expect(called(run, 'Right')).toBe(3 + 2);
    expect(called(run, 'Aside')).toBe(2);
    const started = run.history.filter(({ type }) => /^(Parallel|Map)StateStarted$/.test(type));
    expect(started).toHaveLength(1 + 1 + 3);
  });

  test('a stop in the midst of it all is gone on from, too', async () => {
    for (let triggers = 1; ; triggers++) {
      const run = new Run(nested, { input });
      await run.toEnd(triggers);
      if (run.execution.status !== 'RUNNING') break;
      run.stop();
      run.redrive();
      await run.toEnd();
      expect(run.execution.output?.value).toEqual([[1, 2, 3].map((n) => [n, n]), { items: [1, 2, 3] }]);
      expect(fold(decodeAll(run.journal))).toEqual(run.execution);
    }
  });

  test('what a scope around it has handled is gone for good', async () => {
    const handled = {
      StartAt: 'Outer',
      States: {
        Outer: {
          ...nested.States.Outer,
          End: undefined,
          Catch: [{ ErrorEquals: ['Boom'], Next: 'Last' }],
          Next: 'Last',
        },
        Last: task(),
      },
    };
    const run = await redriven(handled, { input, tasks: answering({ Left: [boom], Last: brokenOnce }) });
    expect(resumed(run)[1]).toMatch(/LambdaFunctionScheduled$/);
    expect(called(run, 'Left')).toBeLessThanOrEqual(2);
    expect(run.execution.output?.text).toBe('"fixed"');
  });
});

describe('the execution', () => {
  const failing = { StartAt: 'T', States: { T: task({ Parameters: { 'e.$': '$$.Execution' }, End: true }) } };

  test('its context tells of the last redrive', async () => {
    const run = await redriven(failing, { tasks: answering({ T: [boom] }) });
    run.redrive();
    await run.toEnd();
    const inputs = run.history.flatMap(({ lambdaFunctionScheduledEventDetails: details }) =>
      details === undefined ? [] : JSON.parse(String(details.input)).e,
    );
    expect(inputs.map(({ RedriveCount, RedriveTime }) => [RedriveCount, RedriveTime])).toEqual([
      [0, undefined],
      [1, '2026-01-01T00:01:00Z'],
      [2, '2026-01-01T00:02:00Z'],
    ]);
    expect(Object.keys(inputs[1])).toEqual([
      'Id',
      'Input',
      'StartTime',
      'Name',
      'RoleArn',
      'RedriveCount',
      'RedriveTime',
    ]);
    expect(new Set(inputs.map(({ StartTime }) => StartTime))).toEqual(new Set(['2026-01-01T00:00:00Z']));
  });

  test('has TimeoutSeconds of its machine anew', async () => {
    const run = await redriven({
      TimeoutSeconds: 10,
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 75, End: true } },
    });
    expect(outline(run.history)).toEqual([
      '1<-0 ExecutionStarted',
      '2<-0 WaitStateEntered',
      '3<-0 ExecutionTimedOut',
      '4<-3 ExecutionRedriven',
      '5<-2 WaitStateExited',
      '6<-5 ExecutionSucceeded',
    ]);
    const again = await redriven({
      TimeoutSeconds: 10,
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 500, End: true } },
    });
    expect(again.execution.status).toBe('TIMED_OUT');
    expect(again.history.at(-1)?.timestamp).toBe(START_TIME / 1000 + 10 + 60 + 10);
  });

  test('while it is closed, nothing is due and nothing moves it', async () => {
    const machine = {
      TimeoutSeconds: 1000,
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'T', States: { T: task({ TimeoutSeconds: 60, End: true }) } },
            { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } },
          ],
          End: true,
        },
      },
    };
    const run = new Run(machine, { tasks: () => 'never' });
    await run.toEnd(1);
    run.stop();
    expect(nextDeadline(run.execution)).toBeUndefined();
    expect(openTasks(run.machine, run.execution)).toEqual([]);
    expect(run.execution.ready).toEqual([]);
    const moment = { time: START_TIME + 1e9, seed: [1, 2, 3, 4] as const };
    for (const kind of ['ClockTicked', 'Proceed'] as const)
      expect(await transition(run.machine, run.execution, { kind }, moment, DEFAULT_LIMITS)).toEqual({
        events: [],
        effects: [],
      });
  });

  test('that is stopped again before it moved can be redriven again', async () => {
    const run = new Run(failing, { tasks: answering({ T: brokenOnce }) });
    await run.toEnd();
    run.redrive();
    run.stop();
    run.redrive();
    await run.toEnd();
    expect(outline(run.history).slice(5)).toEqual([
      '6<-5 ExecutionFailed',
      '7<-6 ExecutionRedriven',
      '8<-0 ExecutionAborted',
      '9<-8 ExecutionRedriven',
      '10<-2 LambdaFunctionScheduled',
      '11<-10 LambdaFunctionStarted',
      '12<-11 LambdaFunctionSucceeded',
      '13<-12 TaskStateExited',
      '14<-13 ExecutionSucceeded',
    ]);
  });

  test('stopped before its first state was entered, it begins there', async () => {
    const run = new Run({ StartAt: 'A', States: { A: { Type: 'Succeed' } } });
    run.stop();
    run.redrive();
    await run.toEnd();
    expect(outline(run.history).slice(2)).toEqual([
      '3<-2 ExecutionRedriven',
      '4<-0 SucceedStateEntered',
      '5<-4 SucceedStateExited',
      '6<-5 ExecutionSucceeded',
    ]);
  });

  test('its history goes on to the same limit', async () => {
    const run = await redriven(
      {
        StartAt: 'T',
        States: { T: task({ Next: 'A' }), A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Succeed' } },
      },
      { limits: { maxHistoryEvents: 12 }, tasks: answering({ T: brokenOnce }) },
    );
    expect(run.history).toHaveLength(12);
    expect(detailsOf(run, 12, 'executionFailedEventDetails')).toMatchObject({ error: 'States.Runtime' });
  });

  test('that succeeded holds nothing on to', async () => {
    const run = await redriven(failing, { tasks: answering({ T: brokenOnce }) });
    expect(run.execution.branches.size).toBe(0);
  });
});
