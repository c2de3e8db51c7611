import { describe, expect, it } from 'vitest';
import type { MapState, State } from '../../../runtime/machine/machine.ts';
import {
  distributedProcessor,
  LAMBDA,
  machineOf,
  machineWith,
  machineWithRule,
  processor,
} from './definitions.ts';

function stateOf<T extends State['type']>(
  definition: unknown,
  type: T,
  name = 'S',
): Extract<State, { type: T }> {
  const state = machineOf(definition).allStates.get(name);
  if (state?.type !== type) throw new Error(`${name} is a ${state?.type}`);
  return state as Extract<State, { type: T }>;
}

const JSONATA = { QueryLanguage: 'JSONata' };

describe('the machine', () => {
  it('holds its own states, and the states of all scopes by name', () => {
    const machine = machineOf({
      StartAt: 'P',
      TimeoutSeconds: 60,
      States: {
        P: { Type: 'Parallel', Branches: [processor], Next: 'End' },
        End: { Type: 'Succeed' },
      },
    });
    expect(machine.startAt).toBe('P');
    expect(machine.timeoutSeconds).toBe(60);
    expect([...machine.states.keys()]).toEqual(['P', 'End']);
    expect([...machine.allStates.keys()].sort()).toEqual(['End', 'Inner', 'P']);
    const [branch] = (machine.states.get('P') as Extract<State, { type: 'Parallel' }>).branches;
    expect(branch?.startAt).toBe('Inner');
    expect(branch?.states.get('Inner')).toBe(machine.allStates.get('Inner'));
  });

  it('is safe with names of built-in members', () => {
    const machine = machineOf(
      '{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","Next":"constructor"},"constructor":{"Type":"Succeed"}}}',
    );
    expect(machine.states.get('__proto__')).toMatchObject({ name: '__proto__', next: 'constructor' });
  });
});

describe('data flow', () => {
  it('has the root path where JSONPath fields are absent', () => {
    const { flow } = stateOf(machineWith({ Type: 'Pass', End: true }), 'Pass');
    expect(flow).toMatchObject({
      language: 'JSONPath',
      inputPath: { isRoot: true },
      resultPath: { isRoot: true },
      outputPath: { isRoot: true },
      parameters: undefined,
      resultSelector: undefined,
      assign: undefined,
    });
  });

  it('keeps null paths', () => {
    const state = { Type: 'Pass', InputPath: null, ResultPath: null, OutputPath: null, End: true };
    expect(stateOf(machineWith(state), 'Pass').flow).toMatchObject({
      inputPath: null,
      resultPath: null,
      outputPath: null,
    });
  });

  it('has Arguments, Output and Assign in JSONata', () => {
    const state = { Type: 'Task', Resource: LAMBDA, Arguments: 1, Output: 2, Assign: { a: 3 }, End: true };
    const { flow } = stateOf(machineWith(state, JSONATA), 'Task');
    expect(Object.keys(flow).sort()).toEqual(['arguments', 'assign', 'language', 'output']);
    expect(flow).not.toMatchObject({ arguments: undefined });
    expect(flow).not.toMatchObject({ output: undefined });
  });
});

describe('Pass and transitions', () => {
  it('keeps a Result as it is written, numbers included', () => {
    const definition =
      '{"StartAt":"S","States":{"S":{"Type":"Pass","Result":{"a.$":"$.x","n":1.0},"End":true}}}';
    const { result, next } = stateOf(definition, 'Pass');
    expect(JSON.stringify(result)).toBe('{"a.$":"$.x","n":1.0}');
    expect(next).toBeNull();
  });
});

describe('Task', () => {
  it('takes its Resource, timeouts, retriers and catchers apart', () => {
    const state = stateOf(
      {
        StartAt: 'S',
        States: {
          S: {
            Type: 'Task',
            Resource: 'arn:aws:states:::states:startExecution.sync:2',
            Parameters: { StateMachineArn: 'x' },
            TimeoutSeconds: 10,
            HeartbeatSecondsPath: '$.beat',
            Retry: [
              { ErrorEquals: ['A'] },
              { ErrorEquals: ['States.ALL'], MaxAttempts: 0, JitterStrategy: 'FULL' },
            ],
            Catch: [
              { ErrorEquals: ['B'], ResultPath: null, Next: 'End' },
              { ErrorEquals: ['C'], Next: 'End' },
            ],
            Next: 'End',
          },
          End: { Type: 'Succeed' },
        },
      },
      'Task',
    );
    expect(state.resource).toMatchObject({
      kind: 'service',
      resourceType: 'states',
      resource: 'startExecution.sync:2',
      pattern: 'RUN_A_JOB',
      syncVersion: 2,
    });
    expect(state.timeoutSeconds).toEqual({ kind: 'literal', value: 10 });
    expect(state.heartbeatSeconds).toMatchObject({ kind: 'path', field: 'HeartbeatSecondsPath' });
    const defaults = { intervalSeconds: 1, maxAttempts: 3, backoffRate: 2, maxDelaySeconds: undefined };
    expect(state.retry).toEqual([
      { errorEquals: ['A'], ...defaults, jitterStrategy: 'NONE' },
      { errorEquals: ['States.ALL'], ...defaults, maxAttempts: 0, jitterStrategy: 'FULL' },
    ]);
    expect(state.catch).toMatchObject([
      { errorEquals: ['B'], next: 'End', resultPath: null },
      { errorEquals: ['C'], next: 'End', resultPath: { isRoot: true } },
    ]);
  });

  it('reads numbers that JavaScript would write differently', () => {
    const definition = `{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"${LAMBDA}","End":true,
      "TimeoutSeconds":1e1,"Retry":[{"ErrorEquals":["A"],"BackoffRate":1.50,"IntervalSeconds":2.0}]}}}`;
    const { timeoutSeconds, retry } = stateOf(definition, 'Task');
    expect(timeoutSeconds).toEqual({ kind: 'literal', value: 10 });
    expect(retry).toMatchObject([{ backoffRate: 1.5, intervalSeconds: 2 }]);
  });
});

describe('dynamic fields', () => {
  it.each([
    [{ Seconds: 5 }, {}, { kind: 'seconds', seconds: { kind: 'literal', value: 5 } }],
    [{ SecondsPath: '$.s' }, {}, { kind: 'seconds', seconds: { kind: 'path', field: 'SecondsPath' } }],
    [
      { Seconds: '{% $x %}' },
      JSONATA,
      { kind: 'seconds', seconds: { kind: 'template', field: 'Seconds', source: '$x' } },
    ],
    [
      { Timestamp: '2016-03-14T01:59:00Z' },
      {},
      { kind: 'timestamp', timestamp: { kind: 'literal', value: '2016-03-14T01:59:00Z' } },
    ],
  ])('of Wait: %j', (fields, more, until) => {
    expect(stateOf(machineWith({ Type: 'Wait', ...fields, End: true }, more), 'Wait').until).toMatchObject(
      until,
    );
  });

  it.each([
    [{ Error: 'E' }, {}, { kind: 'literal', value: 'E' }],
    [{ Error: '{% $e %}' }, {}, { kind: 'literal', value: '{% $e %}' }],
    [{ Error: '{% $e %}' }, JSONATA, { kind: 'template', field: 'Error', source: '$e' }],
    [{ ErrorPath: '$.e' }, {}, { kind: 'path', field: 'ErrorPath' }],
    [{ ErrorPath: '$$.State.Name' }, {}, { kind: 'path', field: 'ErrorPath' }],
    [{ ErrorPath: `States.Format('{}', $.e)` }, {}, { kind: 'template', field: 'ErrorPath' }],
    [{}, {}, undefined],
  ])('of Fail: %j %j', (fields, more, error) => {
    const compiled = stateOf(machineWith({ Type: 'Fail', ...fields }, more), 'Fail').error;
    if (error === undefined) expect(compiled).toBeUndefined();
    else expect(compiled).toMatchObject(error);
  });
});

describe('Choice', () => {
  it('keeps the order of its rules', () => {
    const { choices, default: otherwise } = stateOf(
      machineWithRule({ Variable: '$.a', IsNull: true, Next: 'Done', Assign: { x: 1 } }),
      'Choice',
    );
    expect(choices).toMatchObject([{ next: 'Done', output: undefined }]);
    expect(choices[0]?.assign).toBeDefined();
    expect(otherwise).toBe('Done');
  });
});

describe('Map', () => {
  const compile = (fields: Record<string, unknown>, more = {}): MapState =>
    stateOf(machineWith({ Type: 'Map', End: true, ...fields }, more), 'Map');

  it('is inline, unlimited and over its input by default', () => {
    expect(compile({ ItemProcessor: processor })).toMatchObject({
      mode: 'INLINE',
      processor: { startAt: 'Inner' },
      items: undefined,
      itemSelector: undefined,
      maxConcurrency: { kind: 'literal', value: 0 },
    });
  });

  it('knows Iterator and Parameters as older names', () => {
    const map = compile({ Iterator: distributedProcessor, Parameters: { 'a.$': '$$.Map.Item.Value' } });
    expect(map.mode).toBe('DISTRIBUTED');
    expect(map.processor.startAt).toBe('Inner');
    expect(map.itemSelector).toBeDefined();
    expect(map.flow).toMatchObject({ parameters: undefined });
  });

  it('takes items from a path, an array or an expression', () => {
    expect(compile({ ItemProcessor: processor, ItemsPath: '$.a' }).items).toMatchObject({
      kind: 'path',
      field: 'ItemsPath',
    });
    expect(compile({ ItemProcessor: processor, Items: '{% $a %}' }, JSONATA).items).toMatchObject({
      kind: 'template',
      field: 'Items',
      source: '$a',
    });
    expect(compile({ ItemProcessor: processor, Items: [1, '{% 2 %}'] }, JSONATA).items).toMatchObject({
      kind: 'template',
      field: 'Items',
    });
  });

  it('has its tolerance in either mode', () => {
    const map = compile({
      ItemProcessor: processor,
      ToleratedFailureCount: 2,
      ToleratedFailurePercentagePath: '$.p',
    });
    expect(map.toleratedFailureCount).toEqual({ kind: 'literal', value: 2 });
    expect(map.toleratedFailurePercentage).toMatchObject({
      kind: 'path',
      field: 'ToleratedFailurePercentagePath',
    });
  });
});
