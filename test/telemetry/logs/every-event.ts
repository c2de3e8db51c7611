/** One event of each type, with all its details; the compiler misses a type that is not here. */
import type { Details, EventType, JournalEvent } from '../../../runtime/execution/event.ts';
import { Payload } from '../../../runtime/index.ts';

export const SECRET = 'a secret';

const payload = Payload.fromValue({ text: SECRET });
const failure = { error: 'Boom', cause: 'it broke' };
const resource = { resourceType: 'lambda', resource: 'invoke' };
const entered = { name: 'A', input: payload };
const exited = { name: 'A', output: payload, assignedVariables: { x: payload } };
const iteration = { name: 'A', index: 1 };

const DETAILS: { readonly [T in EventType]: Details<T> } = {
  ActivityFailed: failure,
  ActivityScheduled: { resource: 'arn', input: payload, timeoutInSeconds: 5, heartbeatInSeconds: 2 },
  ActivityScheduleFailed: failure,
  ActivityStarted: { workerName: 'w' },
  ActivitySucceeded: { output: payload },
  ActivityTimedOut: failure,
  CallbackReceived: {},
  ChoiceStateEntered: entered,
  ChoiceStateExited: exited,
  EvaluationFailed: { state: 'A', location: 'Output', ...failure },
  ExecutionAborted: failure,
  ExecutionFailed: failure,
  ExecutionRedriven: { redriveCount: 1 },
  ExecutionStarted: { input: payload, roleArn: 'role' },
  ExecutionSucceeded: { output: payload },
  ExecutionTimedOut: failure,
  FailStateEntered: entered,
  HeartbeatReceived: {},
  LambdaFunctionFailed: failure,
  LambdaFunctionScheduled: { resource: 'arn', input: payload, timeoutInSeconds: 5 },
  LambdaFunctionScheduleFailed: failure,
  LambdaFunctionStarted: {},
  LambdaFunctionStartFailed: failure,
  LambdaFunctionSucceeded: { output: payload },
  LambdaFunctionTimedOut: failure,
  MapIterationAborted: iteration,
  MapIterationFailed: iteration,
  MapIterationStarted: iteration,
  MapIterationSucceeded: iteration,
  MapStateAborted: {},
  MapStateEntered: entered,
  MapStateExited: exited,
  MapStateFailed: {},
  MapStateStarted: { length: 2 },
  MapStateSucceeded: {},
  ParallelStateAborted: {},
  ParallelStateEntered: entered,
  ParallelStateExited: exited,
  ParallelStateFailed: {},
  ParallelStateStarted: {},
  ParallelStateSucceeded: {},
  PassStateEntered: entered,
  PassStateExited: exited,
  RetryScheduled: {},
  SucceedStateEntered: entered,
  SucceedStateExited: exited,
  TaskFailed: { ...resource, ...failure },
  TaskScheduled: { ...resource, region: 'us-east-1', parameters: payload, timeoutInSeconds: 5 },
  TaskStarted: resource,
  TaskStartFailed: { ...resource, ...failure },
  TaskStateAborted: {},
  TaskStateEntered: entered,
  TaskStateExited: exited,
  TaskSubmitFailed: { ...resource, ...failure },
  TaskSubmitted: { ...resource, output: payload },
  TaskSucceeded: { ...resource, output: payload },
  TaskTimedOut: { ...resource, ...failure },
  WaitStateAborted: {},
  WaitStateEntered: entered,
  WaitStateExited: exited,
};

const INTERNAL: readonly string[] = [
  'CallbackReceived',
  'HeartbeatReceived',
  'RetryScheduled',
] satisfies EventType[];

export const EVERY_EVENT: readonly JournalEvent[] = Object.entries(DETAILS).map(([type, details]) =>
  event(type as EventType, details),
);

/** Private fields say nothing about what is shown. */
export function event(type: EventType, details: object, id = INTERNAL.includes(type) ? 0 : 7): JournalEvent {
  const made = {
    type,
    id,
    previousEventId: 6,
    timestamp: 1_700_000_000_123,
    branch: 0,
    details,
    private: {},
  };
  return made as unknown as JournalEvent;
}
