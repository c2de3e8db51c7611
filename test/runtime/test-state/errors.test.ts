/** What Retry and Catch make of a mocked error, and what is told of it. */
import { describe, expect, test } from 'vitest';
import { InvalidTest } from '../../../runtime/index.ts';
import { mockedError, mockedResult, runTest, stagesOf } from './run-test.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const task = (more: object) => ({ Type: 'Task', Resource: LAMBDA, End: true, ...more });
const retry = [
  { ErrorEquals: ['Other'], MaxAttempts: 9 },
  { ErrorEquals: ['Boom'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 },
];
const boom = mockedError('Boom', 'it broke');

describe('a Task', () => {
  test('without Retry and Catch fails with the error', async () => {
    const tested = await runTest(task({}), { mock: boom });
    expect(tested).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'it broke', output: undefined });
    expect(tested.inspectionData).not.toHaveProperty('errorDetails');
  });

  test.each([
    [0, 2],
    [1, 6],
    [2, 10],
  ])('after %i retries is to be retried in %i s', async (retrierRetryCount, seconds) => {
    const tested = await runTest(task({ Retry: retry }), { mock: boom, retrierRetryCount });
    expect(tested).toMatchObject({ status: 'RETRIABLE', error: 'Boom', nextState: undefined });
    expect(stagesOf(tested).errorDetails).toEqual({ retryIndex: 1, retryBackoffIntervalSeconds: seconds });
  });

  test('without retries left fails, and the retrier is named', async () => {
    const tested = await runTest(task({ Retry: retry }), { mock: boom, retrierRetryCount: 3 });
    expect(tested.status).toBe('FAILED');
    expect(stagesOf(tested).errorDetails).toEqual({ retryIndex: 1 });
  });

  test('counts retries for what fails before the call, too', async () => {
    const definition = task({
      QueryLanguage: 'JSONata',
      Arguments: '{% $states.input + 1 %}',
      Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 1 }],
    });
    expect((await runTest(definition)).status).toBe('RETRIABLE');
    expect((await runTest(definition, { retrierRetryCount: 1 })).status).toBe('FAILED');
  });

  test('goes to its catcher, with the output and the variables that it makes', async () => {
    const tested = await runTest(
      task({
        Catch: [
          { ErrorEquals: ['Other'], Next: 'A' },
          { ErrorEquals: ['States.ALL'], ResultPath: '$.why', Assign: { 'e.$': '$.Error' }, Next: 'B' },
        ],
      }),
      { input: { in: 1 }, mock: boom },
    );
    expect(tested).toMatchObject({
      status: 'CAUGHT_ERROR',
      error: 'Boom',
      cause: 'it broke',
      nextState: 'B',
      output: { in: 1, why: { Error: 'Boom', Cause: 'it broke' } },
    });
    expect(stagesOf(tested)).toMatchObject({ errorDetails: { catchIndex: 1 }, variables: { e: 'Boom' } });
  });

  test('fails when its catcher does', async () => {
    const caught = [
      { ErrorEquals: ['States.ALL'], Output: '{% $nowhere.x + 1 & $error("no") %}', Next: 'B' },
    ];
    const tested = await runTest(task({ QueryLanguage: 'JSONata', Catch: caught }), { mock: boom });
    expect(tested).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  test('takes what the call comes to when there is no mock', async () => {
    const definition = task({
      TimeoutSeconds: 5,
      Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }],
    });
    const late = await runTest(definition, { call: () => ({ kind: 'timedOut' }) });
    expect(late).toMatchObject({ status: 'CAUGHT_ERROR', error: 'States.Timeout', nextState: 'Late' });
    const failed = await runTest(definition, { call: () => ({ kind: 'failed', failure: { error: 'E' } }) });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'E', cause: undefined });
  });

  test('reports a result that is too big as an execution does', async () => {
    const tested = await runTest(task({}), { mock: mockedResult('x'.repeat(262_144)) });
    expect(tested).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('a Map', () => {
  const items = ['a', 'b', 'c', 'd'];
  const map = (more: object) => ({
    Type: 'Map',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'P',
      States: { P: { Type: 'Pass', End: true } },
    },
    End: true,
    ...more,
  });
  const tested = (more: object, mapIterationFailureCount: number) =>
    runTest(map(more), { input: items, mock: mockedResult(items), mapIterationFailureCount });

  test.each([
    [{ ToleratedFailureCount: 1 }, 1, 'SUCCEEDED'],
    [{ ToleratedFailureCount: 1 }, 2, 'FAILED'],
    [{ ToleratedFailurePercentage: 50 }, 2, 'SUCCEEDED'],
    [{ ToleratedFailurePercentage: 49.9 }, 2, 'FAILED'],
    [{ ToleratedFailureCount: 4, ToleratedFailurePercentage: 10 }, 1, 'FAILED'],
    // As recorded: where nothing is said of tolerance, it is not exceeded.
    [{}, 4, 'SUCCEEDED'],
  ])('with %j and %i failed iterations: %s', async (more, failures, status) => {
    expect((await tested(more, failures)).status).toBe(status);
  });

  test('exceeds its tolerance with an error that Retry and Catch know', async () => {
    const exceeded = ['States.ExceedToleratedFailureThreshold'];
    const caught = await tested(
      { ToleratedFailureCount: 0, Catch: [{ ErrorEquals: exceeded, Next: 'N' }] },
      1,
    );
    expect(caught).toMatchObject({
      status: 'CAUGHT_ERROR',
      error: 'States.ExceedToleratedFailureThreshold',
      cause: 'The specified tolerated failure threshold was exceeded',
      nextState: 'N',
    });
    const retried = await tested({ ToleratedFailureCount: 0, Retry: [{ ErrorEquals: exceeded }] }, 1);
    expect(retried.status).toBe('RETRIABLE');
  });

  test('cannot have more failures than iterations', async () => {
    await expect(tested({}, 5)).rejects.toThrow(
      new InvalidTest(
        'Map iteration failure count must be less than or equal to the number of Map iterations',
      ),
    );
  });

  test('fails with a mocked error, whatever it tolerates', async () => {
    const definition = map({ ToleratedFailureCount: 4 });
    const failed = await runTest(definition, { input: items, mock: boom });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'it broke' });
  });
});

test('a Parallel fails as its branch does', async () => {
  const definition = {
    Type: 'Parallel',
    Branches: [{ StartAt: 'B', States: { B: { Type: 'Pass', End: true } } }],
    Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1 }],
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'N' }],
    End: true,
  };
  expect((await runTest(definition, { mock: boom })).status).toBe('RETRIABLE');
  const caught = await runTest(definition, { mock: boom, retrierRetryCount: 1 });
  expect(caught).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'N' });
  expect(stagesOf(caught).errorDetails).toEqual({ retryIndex: 0, catchIndex: 0 });
});
