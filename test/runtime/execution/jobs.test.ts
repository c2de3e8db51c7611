/** `.sync` and `.sync:2`: the end of the job may come before the call returns, or after it. */
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_LIMITS,
  type EndedExecution,
  type Execution,
  fold,
  Payload,
  startedEvent,
  type TaskInvocation,
  type Transition,
  type Trigger,
  transition,
} from '../../../runtime/index.ts';
import { compile, START_TIME } from '../../support/in-memory-run.ts';

const STATE_MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:child';

class Starting {
  readonly execution: Execution;
  readonly task: TaskInvocation;
  readonly #machine;

  constructor(form = '.sync', more: object = {}, depth?: number) {
    const start = {
      Type: 'Task',
      Resource: `arn:aws:states:::states:startExecution${form}`,
      Parameters: { StateMachineArn: STATE_MACHINE },
      End: true,
      ...more,
    };
    this.#machine = compile({ StartAt: 'Start', States: { Start: start } });
    const identity = {
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:machine:run',
      executionName: 'run',
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
      stateMachineName: 'machine',
      region: 'us-east-1',
      secret: 'secret',
      ...(depth !== undefined && { depth }),
    };
    const started = { identity, roleArn: 'role', input: '{}', time: START_TIME };
    this.execution = fold([startedEvent({ ...started, startAt: 'Start', timeoutSeconds: undefined })]);
    const [effect] = this.react({ kind: 'Proceed' }).effects;
    if (effect?.kind !== 'InvokeTask') throw new Error('Nothing is started');
    this.task = effect.task;
  }

  react(trigger: Trigger): Transition {
    const moment = { time: START_TIME, seed: [1, 2, 3, 4] as const };
    return transition(this.#machine, this.execution, trigger, moment, DEFAULT_LIMITS) as Transition;
  }

  types(trigger: Trigger): string[] {
    return this.react(trigger).events.map(({ type }) => type);
  }
}

const scheduledEventId = 3;
const returned: Trigger = { kind: 'TaskSucceeded', scheduledEventId, output: Payload.fromText('{}') };
const LEFT = ['TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'];

function ended(more: Partial<EndedExecution> = {}): Trigger {
  const execution: EndedExecution = {
    executionArn: 'arn:aws:states:us-east-1:000000000000:execution:child:one',
    name: 'one',
    stateMachineArn: STATE_MACHINE,
    stateMachineVersionArn: undefined,
    stateMachineAliasArn: undefined,
    status: 'SUCCEEDED',
    startTime: START_TIME,
    stopTime: START_TIME + 1000,
    input: '{ "a": 1.0 }',
    output: '[1.50]',
    error: undefined,
    cause: undefined,
    traceHeader: undefined,
    ...more,
  };
  return { kind: 'ExecutionEnded', scheduledEventId, execution };
}

describe('the end of the execution that a task waits for', () => {
  test('after the call has returned', () => {
    const starting = new Starting();
    expect(starting.types(returned)).toEqual(['TaskSubmitted']);
    expect(starting.types(ended())).toEqual(LEFT);
  });

  test('before the call has returned is kept, and TaskSubmitted is still recorded first', () => {
    const starting = new Starting();
    expect(starting.types(ended())).toEqual(['CallbackReceived']);
    expect(starting.types(returned)).toEqual(['TaskSubmitted', ...LEFT]);
  });

  test.each([
    ['.sync', '"{ \\"a\\": 1.0 }"', '"[1.50]"'],
    ['.sync:2', '{"a":1.0}', '[1.50]'],
  ])('is the result, numbers as they were written: %s', (form, input, output) => {
    const starting = new Starting(form);
    starting.react(returned);
    starting.react(ended({ traceHeader: 'Root=1' }));
    expect(starting.execution.output?.text).toBe(
      [
        '{"ExecutionArn":"arn:aws:states:us-east-1:000000000000:execution:child:one"',
        `"Input":${input},"InputDetails":{"Included":true},"Name":"one"`,
        `"Output":${output},"OutputDetails":{"Included":true},"StartDate":${START_TIME}`,
        `"StateMachineArn":"${STATE_MACHINE}","Status":"SUCCEEDED","StopDate":${START_TIME + 1000}`,
        '"TraceHeader":"Root=1"}',
      ].join(','),
    );
  });

  test.each(['FAILED', 'TIMED_OUT', 'ABORTED'] as const)(
    '%s fails the task, with the same as its cause',
    (status) => {
      const starting = new Starting('.sync:2');
      starting.react(returned);
      const version = `${STATE_MACHINE}:3`;
      starting.react(ended({ status, output: undefined, error: 'Bad', stateMachineVersionArn: version }));
      const { error, cause } = starting.execution.failure ?? {};
      expect(error).toBe('States.TaskFailed');
      expect(JSON.parse(cause ?? '')).toEqual({
        Error: 'Bad',
        ExecutionArn: 'arn:aws:states:us-east-1:000000000000:execution:child:one',
        Input: { a: 1 },
        InputDetails: { Included: true },
        Name: 'one',
        StartDate: START_TIME,
        StateMachineArn: STATE_MACHINE,
        StateMachineVersionArn: version,
        Status: status,
        StopDate: START_TIME + 1000,
      });
    },
  );

  test('of one whose task is over moves nothing', () => {
    const starting = new Starting();
    starting.react({ kind: 'TaskFailed', scheduledEventId, failure: { error: 'Bad' } });
    expect(starting.types(ended())).toEqual([]);
  });

  test('with more output than a payload may have fails the task', () => {
    const starting = new Starting();
    starting.react(returned);
    starting.react(ended({ output: JSON.stringify('x'.repeat(DEFAULT_LIMITS.maxPayloadBytes - 10)) }));
    expect(starting.execution.failure?.error).toBe('States.DataLimitExceeded');
  });
});

test('a job has a token only if somebody gets it', () => {
  expect(new Starting().task.token).toBeUndefined();
  const parameters = { StateMachineArn: STATE_MACHINE, Input: { 'token.$': '$$.Task.Token' } };
  const { task } = new Starting('.sync', { Parameters: parameters });
  expect(task.token).toMatch(/^[\da-f]{64}$/);
  expect(task.input.text).toContain(task.token);
});

test('an attempt tells how many executions have led to it', () => {
  expect(new Starting().task.depth).toBe(0);
  expect(new Starting('', {}, 7).task.depth).toBe(7);
});
