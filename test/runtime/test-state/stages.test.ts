/** What each type of state shows of the way from input to output; as recorded on AWS. */
import { describe, expect, test } from 'vitest';
import { mockedResult, NOW, runTest, stagesOf } from './run-test.ts';

const input = { a: { b: 1 }, other: 2 };

describe('in JSONPath', () => {
  test('a Pass shows every stage but a result', async () => {
    const tested = await runTest(
      {
        Type: 'Pass',
        InputPath: '$.a',
        Parameters: { 'was.$': '$.b' },
        ResultPath: '$.made',
        OutputPath: '$.made',
        Next: 'Elsewhere',
      },
      { input },
    );
    expect(tested).toMatchObject({ status: 'SUCCEEDED', output: { was: 1 }, nextState: 'Elsewhere' });
    expect(stagesOf(tested)).toEqual({
      input,
      afterInputPath: { b: 1 },
      afterParameters: { was: 1 },
      afterResultSelector: { was: 1 },
      afterResultPath: { ...input, made: { was: 1 } },
    });
  });

  test('a Pass with a Result looks at neither InputPath nor Parameters', async () => {
    const tested = await runTest(
      { Type: 'Pass', InputPath: '$.nowhere', Parameters: { 'x.$': '$.nowhere' }, Result: 5, End: true },
      { input },
    );
    expect(tested).toMatchObject({ status: 'SUCCEEDED', output: 5, nextState: undefined });
    expect(stagesOf(tested)).toEqual({ input, result: 5, afterResultSelector: 5, afterResultPath: 5 });
  });

  test('a Task shows every stage', async () => {
    const tested = await runTest(
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        InputPath: '$.a',
        Parameters: { FunctionName: 'f', 'Payload.$': '$' },
        ResultSelector: { 'got.$': '$.Payload' },
        ResultPath: '$.a',
        OutputPath: '$.a.got',
        End: true,
      },
      { input, mock: mockedResult({ Payload: 'done' }) },
    );
    expect(tested.output).toBe('done');
    expect(stagesOf(tested)).toEqual({
      input,
      afterInputPath: { b: 1 },
      afterParameters: { FunctionName: 'f', Payload: { b: 1 } },
      result: { Payload: 'done' },
      afterResultSelector: { got: 'done' },
      afterResultPath: { a: { got: 'done' }, other: 2 },
    });
  });

  const choices = [{ Variable: '$.b', NumericEquals: 1, Next: 'Elsewhere' }];
  test.each([
    { Type: 'Succeed', InputPath: '$.a' },
    { Type: 'Choice', InputPath: '$.a', Choices: choices },
    { Type: 'Wait', InputPath: '$.a', Seconds: 10, End: true },
  ])('a $Type shows its input alone', async (definition) => {
    const tested = await runTest(definition, { input });
    expect(tested).toMatchObject({ status: 'SUCCEEDED', output: { b: 1 } });
    expect(stagesOf(tested)).toEqual({ input, afterInputPath: { b: 1 } });
  });

  test('a Parallel shows its result, and nothing before', async () => {
    const branch = { StartAt: 'B', States: { B: { Type: 'Pass', End: true } } };
    const tested = await runTest(
      { Type: 'Parallel', InputPath: '$.a', ResultPath: '$.all', Branches: [branch], End: true },
      { input, mock: mockedResult(['x']) },
    );
    expect(stagesOf(tested)).toEqual({
      input,
      afterResultSelector: ['x'],
      afterResultPath: { ...input, all: ['x'] },
    });
  });

  test('stages end where the state fails', async () => {
    const tested = await runTest({ Type: 'Pass', Parameters: { 'x.$': '$.nowhere' }, End: true }, { input });
    expect(tested).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: `The JSONPath '$.nowhere' specified for the field 'x.$' could not be found in the input '{"a":{"b":1},"other":2}'`,
      output: undefined,
    });
    expect(stagesOf(tested)).toEqual({ input, afterInputPath: input });
  });
});

describe('in JSONata', () => {
  test('a Task shows arguments and result', async () => {
    const tested = await runTest(
      {
        Type: 'Task',
        QueryLanguage: 'JSONata',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: 'f', Payload: '{% $states.input.a %}' },
        Output: '{% $states.result.Payload + 1 %}',
        End: true,
      },
      { input, mock: mockedResult({ Payload: 41 }) },
    );
    expect(tested.output).toBe(42);
    expect(stagesOf(tested)).toEqual({
      input,
      afterArguments: { FunctionName: 'f', Payload: { b: 1 } },
      result: { Payload: 41 },
    });
  });

  test('a Pass and a Fail show their input alone', async () => {
    const pass = await runTest({ Type: 'Pass', QueryLanguage: 'JSONata', Output: 1, End: true }, { input });
    expect(stagesOf(pass)).toEqual({ input });
    const fail = await runTest(
      { Type: 'Fail', QueryLanguage: 'JSONata', Error: '{% "E" & $states.input.other %}', Cause: 'c' },
      { input },
    );
    expect(fail).toMatchObject({ status: 'FAILED', error: 'E2', cause: 'c' });
    expect(stagesOf(fail)).toEqual({ input });
  });

  test('a bad expression fails the state, and no event is named', async () => {
    const tested = await runTest(
      { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input.other + "x" %}', End: true },
      { input },
    );
    expect(tested).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(tested.cause).toMatch(/^The JSONata expression /);
  });
});

describe('a Map', () => {
  const processor = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };

  test('shows its items, what becomes of them, and its numbers', async () => {
    const tested = await runTest(
      {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'all.$': '$.n' },
        MaxConcurrencyPath: '$.n',
        ToleratedFailureCount: 1,
        ToleratedFailurePercentagePath: '$.p',
        ItemProcessor: processor,
        ResultSelector: { 'first.$': '$[0]' },
        End: true,
      },
      { input: { items: ['x', 'y'], n: 3, p: 12.5 }, mock: mockedResult([1, 2]) },
    );
    expect(tested).toMatchObject({ status: 'SUCCEEDED', output: { first: 1 } });
    expect(stagesOf(tested)).toMatchObject({
      afterItemsPath: ['x', 'y'],
      afterItemSelector: [
        { i: 0, v: 'x', all: 3 },
        { i: 1, v: 'y', all: 3 },
      ],
      maxConcurrency: 3,
      toleratedFailureCount: 1,
      toleratedFailurePercentage: 12.5,
      afterResultSelector: { first: 1 },
      afterResultPath: { first: 1 },
    });
    expect(tested.inspectionData).not.toHaveProperty('result');
  });

  test('without items shows no number', async () => {
    const tested = await runTest(
      { Type: 'Map', ItemsPath: '$$.Execution', ItemProcessor: processor, End: true },
      { mock: mockedResult([]) },
    );
    expect(tested.cause).toBe('Reference path "$.Execution" must point to array.');
    expect(Object.keys(tested.inspectionData)).toEqual(['input', 'afterInputPath']);
  });

  test('takes the items of its ItemReader from the test', async () => {
    const definition = {
      Type: 'Map',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON', ItemsPointer: '/a~1b/1' },
        Parameters: { Bucket: 'b', Key: 'k' },
      },
      ItemSelector: { 'item.$': '$$.Map.Item.Value' },
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...processor },
      End: true,
    };
    const mock = mockedResult([]);
    const tested = await runTest(definition, { mock, mapItemReaderData: '{"a/b":[0,["x","y"]]}' });
    expect(stagesOf(tested)).toMatchObject({
      afterItemsPointer: ['x', 'y'],
      afterItemSelector: [{ item: 'x' }, { item: 'y' }],
    });
    expect(tested.inspectionData).not.toHaveProperty('afterItemsPath');
    expect(await runTest(definition, { mock, mapItemReaderData: '{"a/b":[]}' })).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
    });
    await expect(runTest(definition, { mock, mapItemReaderData: '{' })).rejects.toThrow(
      'MapItemReaderData must be valid JSON',
    );
  });
});

describe('variables', () => {
  test('are the given ones and the assigned ones, after the state', async () => {
    const tested = await runTest(
      { Type: 'Pass', Assign: { 'sum.$': 'States.MathAdd($old, 1)', old: 'new' }, End: true },
      { variables: { old: 1, kept: [] } },
    );
    expect(stagesOf(tested).variables).toEqual({ old: 'new', kept: [], sum: 2 });
  });

  test('are not shown when there are none', async () => {
    expect((await runTest({ Type: 'Succeed' })).inspectionData).not.toHaveProperty('variables');
  });
});

describe('a Wait', () => {
  test('waits for its time', async () => {
    const tested = await runTest({ Type: 'Wait', SecondsPath: '$.s', Next: 'Then' }, { input: { s: 90 } });
    expect(tested.waits).toEqual([NOW + 90_000]);
    expect(tested).toMatchObject({ status: 'SUCCEEDED', nextState: 'Then' });
  });

  test('that is over does not', async () => {
    const tested = await runTest({ Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', End: true });
    expect(tested.waits).toEqual([]);
    expect(tested.status).toBe('SUCCEEDED');
  });
});
