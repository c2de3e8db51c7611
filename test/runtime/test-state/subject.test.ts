/** Which state is tested, and what it sees around it. */
import { describe, expect, test } from 'vitest';
import { findStateUnderTest, formatDiagnostics } from '../../../runtime/index.ts';
import { runInMemory } from '../../support/in-memory-run.ts';
import { IDENTITY, mockedResult, runTest, subjectOf } from './run-test.ts';

const NESTED = {
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemProcessor: {
        StartAt: 'Fork',
        States: {
          Fork: {
            Type: 'Parallel',
            Branches: [
              {
                StartAt: 'Inner',
                States: { Inner: { Type: 'Pass', Output: '{% $states.context %}', End: true } },
              },
            ],
            End: true,
          },
        },
      },
      Next: 'Last',
    },
    Last: { Type: 'Pass', Output: '{% $states.context %}', End: true },
  },
};

function faultsOf(definition: object, name?: string): string {
  const found = findStateUnderTest(JSON.stringify(definition), name);
  return found.kind === 'invalid' ? formatDiagnostics(found.diagnostics) : found.kind;
}

describe('the definition', () => {
  test('of one state need not know where it leads', () => {
    expect(faultsOf({ Type: 'Pass', Next: 'Nowhere' })).toBe('found');
  });

  test.each([
    [{ Type: 'Pass' }, '/'],
    [{ Type: 'Nothing', End: true }, '/Type'],
    [{ Type: 'Pass', End: true, InputPath: 'x' }, '/InputPath'],
    [{ Type: 'Pass', End: true, Assign: { 'a-b': 1 } }, '/Assign'],
  ])('%j has a fault at %s', (definition, location) => {
    expect(faultsOf(definition)).toMatch(new RegExp(` at ${location}$`));
  });

  test('of one state is checked inside', () => {
    const processor = { StartAt: 'X', States: { P: { Type: 'Pass', End: true } } };
    expect(faultsOf({ Type: 'Map', ItemProcessor: processor, End: true })).toBe(
      `MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /ItemProcessor/StartAt`,
    );
  });

  test('of a whole machine is checked whole', () => {
    expect(faultsOf({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }, 'A')).toMatch(
      /Missing 'Next' target: B/,
    );
    expect(faultsOf(NESTED, 'Inner')).toBe('found');
    expect(faultsOf(NESTED, 'Outer')).toBe('missing');
    expect(faultsOf(NESTED, '__proto__')).toBe('missing');
  });

  test('knows what belongs to a Map', () => {
    expect(subjectOf(NESTED, 'Inner').isInMap).toBe(true);
    expect(subjectOf(NESTED, 'Last').isInMap).toBe(false);
  });
});

describe('the Context Object', () => {
  const time = '2026-01-01T00:00:00Z';
  const usual = {
    Execution: { Id: IDENTITY.executionArn, Input: {}, StartTime: time, Name: 'run', RoleArn: null },
    StateMachine: { Id: IDENTITY.stateMachineArn, Name: 'machine' },
    State: { Name: 'StateName', EnteredTime: time },
  };

  test('of a state outside a Map', async () => {
    expect((await runTest(NESTED, { stateName: 'Last' })).output).toEqual(usual);
  });

  test('of a state inside a Map has the input as its item', async () => {
    expect((await runTest(NESTED, { stateName: 'Inner' })).output).toEqual({
      ...usual,
      Map: { Item: { Index: 0, Value: {} } },
    });
  });

  test('of a state with retries counts them', async () => {
    const definition = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'f' },
      ResultSelector: { 'role.$': '$$.Execution.RoleArn', 'state.$': '$$.State' },
      End: true,
    };
    const { output } = await runTest(definition, { roleArn: 'arn:role', mock: mockedResult({}) });
    expect(output).toEqual({ role: 'arn:role', state: { ...usual.State, RetryCount: 0 } });
  });

  test('has a token where one is waited for', async () => {
    const definition = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    };
    const mock = mockedResult('answer');
    const usualToken = await runTest(definition, { mock });
    expect(usualToken).toMatchObject({ status: 'SUCCEEDED', output: 'answer' });
    expect(usualToken.inspectionData.afterParameters).toMatch(/"token":"\w{64}"/);
    const given = await runTest(definition, { mock, context: { Task: { Token: 'mine' } } });
    expect(given.inspectionData.afterParameters).toContain('"token":"mine"');
    const activity = { ...definition, Resource: 'arn:aws:states:us-east-1:000000000000:activity:a' };
    expect(await runTest(activity, { mock })).toMatchObject({ status: 'SUCCEEDED', output: 'answer' });
  });

  test('that the test brings along is all there is', async () => {
    const context = { Execution: { Name: 'mine' } };
    const definition = {
      Type: 'Task',
      QueryLanguage: 'JSONata',
      Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      Output: '{% $states.context %}',
      End: true,
    };
    expect((await runTest(definition, { mock: mockedResult({}), context })).output).toEqual(context);
  });
});

test.each([
  { Type: 'Pass', InputPath: '$.a', Parameters: { 'x.$': "States.Format('{}', $.b)" }, ResultPath: '$.c' },
  { Type: 'Pass', QueryLanguage: 'JSONata', Output: { n: '{% $sum($states.input.list) %}' } },
  { Type: 'Pass', Result: 1.0, OutputPath: null },
  { Type: 'Pass', ResultPath: null },
  { Type: 'Wait', Seconds: 0, OutputPath: '$.a' },
])('%j makes of its input what it makes in an execution', async (state) => {
  const input = { a: { b: 'ü' }, list: [1, 2.5] };
  const definition = { ...state, End: true };
  const { execution } = await runInMemory(
    { StartAt: 'S', States: { S: definition } },
    { input: JSON.stringify(input) },
  );
  expect(execution.status).toBe('SUCCEEDED');
  expect((await runTest(definition, { input })).output).toEqual(execution.output?.value);
});
