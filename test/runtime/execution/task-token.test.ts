/** `.waitForTaskToken`: the answer may come before the call returns, after it, or instead of it. */
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_LIMITS,
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

const machine = compile({
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
      HeartbeatSeconds: 60,
      End: true,
    },
  },
});

class Asking {
  readonly execution: Execution;
  readonly task: TaskInvocation;

  constructor(secret = 'secret') {
    const identity = {
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:machine:run',
      executionName: 'run',
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
      stateMachineName: 'machine',
      region: 'us-east-1',
      secret,
    };
    const start = { identity, roleArn: 'role', input: '{}', time: START_TIME };
    this.execution = fold([startedEvent({ ...start, startAt: 'Ask', timeoutSeconds: undefined })]);
    const [effect] = this.react({ kind: 'Proceed' }).effects;
    if (effect?.kind !== 'InvokeTask') throw new Error('Nothing is asked');
    this.task = effect.task;
  }

  react(trigger: Trigger, seconds = 0): Transition {
    const moment = { time: START_TIME + seconds * 1000, seed: [1, 2, 3, 4] as const };
    return transition(machine, this.execution, trigger, moment, DEFAULT_LIMITS) as Transition;
  }

  types(trigger: Trigger, seconds = 0): string[] {
    return this.react(trigger, seconds).events.map(({ type }) => type);
  }
}

const scheduledEventId = 3;
const returned: Trigger = { kind: 'TaskSucceeded', scheduledEventId, output: Payload.fromText('{"call":1}') };
const answered: Trigger = { kind: 'CallbackSucceeded', scheduledEventId, output: Payload.fromText('"yes"') };
const lost: Trigger = {
  kind: 'TaskFailed',
  scheduledEventId,
  failure: { error: 'Lambda.SdkClientException' },
};
const end = ['TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'];

describe('the answer to a task token', () => {
  test('after the call has returned', () => {
    const asking = new Asking();
    expect(asking.types(returned)).toEqual(['TaskSubmitted']);
    expect(asking.types(answered)).toEqual(end);
    expect(asking.execution.output?.text).toBe('"yes"');
  });

  test('before the call has returned is kept, and TaskSubmitted is still recorded first', () => {
    const asking = new Asking();
    expect(asking.types(answered)).toEqual(['CallbackReceived']);
    expect(asking.types(returned)).toEqual(['TaskSubmitted', ...end]);
  });

  test('counts when the call itself is lost with its worker', () => {
    const asking = new Asking();
    asking.react(answered);
    expect(asking.types(lost)).toEqual(end);
  });

  test('is ignored when the task is over', () => {
    const asking = new Asking();
    asking.react(lost);
    expect(asking.execution.status).toBe('FAILED');
    expect(asking.types(answered)).toEqual([]);
  });
});

test('a heartbeat moves the deadline, and its absence is a timeout', () => {
  const asking = new Asking();
  asking.react(returned);
  expect(asking.types({ kind: 'HeartbeatReceived', scheduledEventId }, 50)).toEqual(['HeartbeatReceived']);
  expect(asking.types({ kind: 'ClockTicked' }, 70)).toEqual([]);
  expect(asking.types({ kind: 'ClockTicked' }, 110)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
});

test('a token is the same for the same attempt, and another for another secret', () => {
  const token = new Asking().task.token;
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(new Asking().task.token).toBe(token);
  expect(new Asking('other').task.token).not.toBe(token);
});
