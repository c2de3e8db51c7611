/** Sequences and chains of events as recorded on AWS; each test names the case it follows. */
import { describe, expect, test } from 'vitest';
import { outline, runInMemory, type Tasks } from '../../support/in-memory-run.ts';

const lambda = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const boom: Tasks = () => ({ error: 'Boom', cause: 'it broke' });

describe('a sequence', () => {
  test('the first state chains to 0, each other event to the one before', async () => {
    const { history } = await runInMemory({
      StartAt: 'A',
      States: { A: { Type: 'Pass', Result: { a: 1 }, Next: 'B' }, B: { Type: 'Succeed' } },
    });
    expect(outline(history)).toEqual([
      '1<-0 ExecutionStarted',
      '2<-0 PassStateEntered',
      '3<-2 PassStateExited',
      '4<-3 SucceedStateEntered',
      '5<-4 SucceedStateExited',
      '6<-5 ExecutionSucceeded',
    ]);
  });

  test("the caller's input keeps its text, generated data is compact", async () => {
    const { history } = await runInMemory(
      { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'n.$': '$.n' }, End: true } } },
      { input: '{ "n" : 1.0 }' },
    );
    expect(history[1]?.stateEnteredEventDetails).toEqual({
      name: 'A',
      input: '{ "n" : 1.0 }',
      inputDetails: { truncated: false },
    });
    expect(history[2]?.stateExitedEventDetails).toMatchObject({ output: '{"n":1.0}' });
  });

  test('Fail has no StateExited, and its error and cause may be missing', async () => {
    const { history, execution } = await runInMemory({ StartAt: 'F', States: { F: { Type: 'Fail' } } });
    expect(outline(history)).toEqual([
      '1<-0 ExecutionStarted',
      '2<-0 FailStateEntered',
      '3<-2 ExecutionFailed',
    ]);
    expect(history[2]?.executionFailedEventDetails).toEqual({});
    expect(execution.status).toBe('FAILED');
  });

  test('a States.Runtime failure goes straight to ExecutionFailed and names the state', async () => {
    const { history } = await runInMemory({
      StartAt: 'pass',
      States: { pass: { Type: 'Pass', InputPath: '$.NoSuchInputPath', End: true } },
    });
    expect(outline(history).slice(1)).toEqual(['2<-0 PassStateEntered', '3<-2 ExecutionFailed']);
    expect(history[2]?.executionFailedEventDetails).toEqual({
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'pass' (entered at the event id #2). Invalid path '$.NoSuchInputPath' : No results for path: $['NoSuchInputPath']",
    });
  });
});

test('white space of the input goes no further than the first StateEntered; strings keep theirs', async () => {
  const { history } = await runInMemory(
    { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', End: true } } },
    { input: '{ "a\\" b" : [ 1.50, "x  y" ] }' },
  );
  const compact = '{"a\\" b":[1.50,"x  y"]}';
  expect(history[2]?.stateExitedEventDetails).toMatchObject({ output: compact });
  expect(history[3]?.stateEnteredEventDetails).toMatchObject({ input: compact });
});

describe('a Task', () => {
  const task = (more: object = {}) => ({
    StartAt: 'T',
    States: {
      T: { Type: 'Task', Resource: lambda('f'), End: true, ...more },
      Caught: { Type: 'Pass', End: true },
    },
  });
  const uncaught = (more: object = {}) => ({
    StartAt: 'T',
    States: { T: { Type: 'Task', Resource: lambda('f'), End: true, ...more } },
  });

  test('as a function ARN has LambdaFunction events', async () => {
    const { history } = await runInMemory(uncaught());
    expect(outline(history).slice(1)).toEqual([
      '2<-0 TaskStateEntered',
      '3<-2 LambdaFunctionScheduled',
      '4<-3 LambdaFunctionStarted',
      '5<-4 LambdaFunctionSucceeded',
      '6<-5 TaskStateExited',
      '7<-6 ExecutionSucceeded',
    ]);
  });

  test('is retried without being entered again, then fails with the error of the last attempt', async () => {
    const { history, execution } = await runInMemory(
      uncaught({ Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1, IntervalSeconds: 3 }] }),
      { tasks: boom },
    );
    expect(outline(history).slice(4)).toEqual([
      '5<-4 LambdaFunctionFailed',
      '6<-5 LambdaFunctionScheduled',
      '7<-6 LambdaFunctionStarted',
      '8<-7 LambdaFunctionFailed',
      '9<-8 ExecutionFailed',
    ]);
    expect(history[5]?.timestamp).toBe((history[4]?.timestamp ?? 0) + 3);
    expect(execution.failure).toEqual({ error: 'Boom', cause: 'it broke' });
  });

  test('caught still has its StateExited, with the error output in place', async () => {
    const { history } = await runInMemory(
      task({ Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }] }),
      { tasks: boom, input: '{"a":1}' },
    );
    expect(outline(history).slice(4, 7)).toEqual([
      '5<-4 LambdaFunctionFailed',
      '6<-5 TaskStateExited',
      '7<-6 PassStateEntered',
    ]);
    expect(history[5]?.stateExitedEventDetails).toMatchObject({
      output: '{"a":1,"error":{"Error":"Boom","Cause":"it broke"}}',
    });
  });

  test('that answers too late has timed out: States.Timeout without a cause', async () => {
    const { history, execution } = await runInMemory(uncaught({ TimeoutSeconds: 5 }), {
      tasks: () => 'never',
    });
    expect(outline(history).slice(4)).toEqual(['5<-4 LambdaFunctionTimedOut', '6<-5 ExecutionFailed']);
    expect(history[4]?.lambdaFunctionTimedOutEventDetails).toEqual({ error: 'States.Timeout' });
    expect(execution.status).toBe('FAILED');
  });

  test('a result over the limit fails with States.DataLimitExceeded, which States.ALL catches', async () => {
    const { history } = await runInMemory(
      task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
      {
        tasks: () => ({ output: 'x'.repeat(300_000) }),
      },
    );
    expect(outline(history).slice(4, 6)).toEqual(['5<-4 LambdaFunctionFailed', '6<-5 TaskStateExited']);
    expect(history[4]?.lambdaFunctionFailedEventDetails).toEqual({
      error: 'States.DataLimitExceeded',
      cause: `The state/task '${lambda('f')}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    });
  });
});

describe('Parallel', () => {
  const parallel = (branches: object[], more: object = {}) => ({
    StartAt: 'P',
    States: {
      P: {
        Type: 'Parallel',
        Branches: branches.map((state, n) => ({ StartAt: `B${n}`, States: { [`B${n}`]: state } })),
        End: true,
        ...more,
      },
    },
  });

  test('joins in branch order and leaves from the last branch event, not from Succeeded', async () => {
    const { history, execution } = await runInMemory(
      parallel([
        { Type: 'Pass', Result: 'a', End: true },
        { Type: 'Pass', Result: 'b', End: true },
      ]),
    );
    expect(outline(history).slice(1)).toEqual([
      '2<-0 ParallelStateEntered',
      '3<-2 ParallelStateStarted',
      '4<-3 PassStateEntered',
      '5<-4 PassStateExited',
      '6<-3 PassStateEntered',
      '7<-6 PassStateExited',
      '8<-7 ParallelStateSucceeded',
      '9<-7 ParallelStateExited',
      '10<-9 ExecutionSucceeded',
    ]);
    expect(execution.output?.text).toBe('["a","b"]');
  });

  test('retries without a Failed event in between', async () => {
    const fails = { Type: 'Fail', Error: 'FailureType', Cause: 'Cause description' };
    const { history } = await runInMemory(
      parallel([fails], { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2, IntervalSeconds: 1 }] }),
    );
    expect(outline(history).slice(1)).toEqual([
      '2<-0 ParallelStateEntered',
      '3<-2 ParallelStateStarted',
      '4<-3 FailStateEntered',
      '5<-4 ParallelStateStarted',
      '6<-5 FailStateEntered',
      '7<-6 ParallelStateStarted',
      '8<-7 FailStateEntered',
      '9<-8 ParallelStateFailed',
      '10<-9 ExecutionFailed',
    ]);
  });

  test('aborts the failed task and its siblings, all chained to the failing event', async () => {
    const task = { Type: 'Task', Resource: lambda('f'), End: true };
    const wait = { Type: 'Wait', Seconds: 60, End: true };
    const { history } = await runInMemory(parallel([wait, task, task]), {
      tasks: ({ stateName }) => (stateName === 'B1' ? { error: 'Boom' } : 'never'),
    });
    expect(outline(history).slice(-6)).toEqual([
      '11<-7 LambdaFunctionFailed',
      '12<-11 TaskStateAborted',
      '13<-11 WaitStateAborted',
      '14<-11 TaskStateAborted',
      '15<-11 ParallelStateFailed',
      '16<-15 ExecutionFailed',
    ]);
  });

  test('a States.Runtime failure in a branch ends the execution at once', async () => {
    const { history } = await runInMemory(
      parallel([{ Type: 'Pass', InputPath: '$.no', End: true }], {
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'P' }],
      }),
    );
    expect(outline(history).slice(3)).toEqual(['4<-3 PassStateEntered', '5<-4 ExecutionFailed']);
  });
});

describe('inline Map', () => {
  const map = (state: object, more: object = {}) => ({
    StartAt: 'M',
    States: {
      M: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'I', States: { I: state } },
        End: true,
        ...more,
      },
    },
  });
  const pass = { Type: 'Pass', End: true };

  test('starts a wave of iterations, and with MaxConcurrency 1 chains each to the last body event', async () => {
    const wave = await runInMemory(map(pass), { input: '[1,2]' });
    expect(outline(wave.history).slice(2, 6)).toEqual([
      '3<-2 MapStateStarted',
      '4<-3 MapIterationStarted',
      '5<-3 MapIterationStarted',
      '6<-4 PassStateEntered',
    ]);
    const one = await runInMemory(map(pass, { MaxConcurrency: 1 }), { input: '[1,2]' });
    expect(outline(one.history).slice(2)).toEqual([
      '3<-2 MapStateStarted',
      '4<-3 MapIterationStarted',
      '5<-4 PassStateEntered',
      '6<-5 PassStateExited',
      '7<-6 MapIterationSucceeded',
      '8<-6 MapIterationStarted',
      '9<-8 PassStateEntered',
      '10<-9 PassStateExited',
      '11<-10 MapIterationSucceeded',
      '12<-11 MapStateSucceeded',
      '13<-11 MapStateExited',
      '14<-13 ExecutionSucceeded',
    ]);
  });

  test('an empty list ends at once', async () => {
    const { history, execution } = await runInMemory(map(pass), { input: '[]' });
    expect(outline(history).slice(2)).toEqual([
      '3<-2 MapStateStarted',
      '4<-3 MapStateSucceeded',
      '5<-3 MapStateExited',
      '6<-5 ExecutionSucceeded',
    ]);
    expect(execution.output?.text).toBe('[]');
  });

  test('retries from MapIterationFailed, with all iterations anew', async () => {
    const { history } = await runInMemory(
      map({ Type: 'Fail', Error: 'E' }, { Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }] }),
      { input: '[1]' },
    );
    expect(outline(history).slice(3)).toEqual([
      '4<-3 MapIterationStarted',
      '5<-4 FailStateEntered',
      '6<-5 MapIterationFailed',
      '7<-5 MapStateStarted',
      '8<-7 MapIterationStarted',
      '9<-8 FailStateEntered',
      '10<-9 MapIterationFailed',
      '11<-9 MapStateFailed',
      '12<-11 ExecutionFailed',
    ]);
  });

  test('four tasks that time out together: all TimedOut events, then the aborts', async () => {
    const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: 5, End: true };
    const { history } = await runInMemory(map({ ...task, Parameters: { FunctionName: 'f' } }), {
      input: '[1,2]',
      tasks: () => 'never',
    });
    expect(outline(history).slice(11)).toEqual([
      '12<-8 TaskTimedOut',
      '13<-11 TaskTimedOut',
      '14<-12 MapIterationFailed',
      '15<-12 TaskStateAborted',
      '16<-12 MapIterationAborted',
      '17<-12 TaskStateAborted',
      '18<-12 MapStateFailed',
      '19<-18 ExecutionFailed',
    ]);
  });

  test('an iteration sees its item in the Context Object, also through ItemSelector', async () => {
    const { execution } = await runInMemory(
      map(
        { Type: 'Pass', Parameters: { 'in.$': '$', 'item.$': '$$.Map.Item' }, End: true },
        {
          ItemsPath: '$.list',
          ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'all.$': '$.list' },
        },
      ),
      { input: '{"list":["x"]}' },
    );
    expect(execution.output?.value).toEqual([
      { in: { i: 0, v: 'x', all: ['x'] }, item: { Index: 0, Value: 'x' } },
    ]);
  });
});

describe('the end', () => {
  test('TimeoutSeconds of the machine: TIMED_OUT at the very moment, chained to 0', async () => {
    const { history, execution } = await runInMemory({
      TimeoutSeconds: 10,
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 600, End: true } },
    });
    expect(outline(history).slice(1)).toEqual(['2<-0 WaitStateEntered', '3<-0 ExecutionTimedOut']);
    expect(history[2]?.timestamp).toBe((history[0]?.timestamp ?? 0) + 10);
    expect(execution).toMatchObject({ status: 'TIMED_OUT', failure: undefined });
  });

  const loop = {
    StartAt: 'L',
    States: {
      L: { Type: 'Pass', Next: 'C' },
      C: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'E' }], Default: 'L' },
      E: { Type: 'Succeed' },
    },
  };

  test('a full history ends with ExecutionFailed as its last possible event', async () => {
    const { history } = await runInMemory(loop, { limits: { maxHistoryEvents: 50 } });
    expect(history).toHaveLength(50);
    expect(history[49]).toMatchObject({
      id: 50,
      previousEventId: 49,
      type: 'ExecutionFailed',
      executionFailedEventDetails: {
        error: 'States.Runtime',
        cause: 'The execution reached the maximum number of history events (50).',
      },
    });
  });

  test('data that a loop nests ever deeper fails its state instead of becoming unreadable', async () => {
    const { execution } = await runInMemory({
      StartAt: 'Wrap',
      States: {
        Wrap: { Type: 'Pass', Parameters: { 'inner.$': '$' }, Next: 'More' },
        More: { ...loop.States.C, Default: 'Wrap' },
        E: loop.States.E,
      },
    });
    expect(execution.failure).toEqual({
      error: 'States.Runtime',
      cause: expect.stringContaining("The data of 'Wrap' is nested deeper than 1000 levels."),
    });
  });

  test('an execution that ends right at the cap succeeds', async () => {
    const { history } = await runInMemory(
      { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } },
      { limits: { maxHistoryEvents: 4 } },
    );
    expect(history.at(-1)).toMatchObject({ id: 4, type: 'ExecutionSucceeded' });
  });
});
