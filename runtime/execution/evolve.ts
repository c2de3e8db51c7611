import type { Payload } from '../data/payload.ts';
import type { Failure } from '../failures/failure.ts';
import * as attempts from './attempt-events.ts';
import { firstBranch } from './branches.ts';
import type { JournalEvent, JournalEventOf } from './event.ts';
import type { Execution } from './execution.ts';
import { evaluationFailed, failJoin, failScope, handled, retryScheduled } from './failure-handling.ts';
import { PORTABLE_LIMITS } from './limits.ts';
import { redrive } from './redrive.ts';
import * as scopes from './scope-events.ts';
import { enter, enterFail, enterWait, exit } from './state-events.ts';

/**
 * Applies one event to the state of its execution, in place, and answers it. It evaluates no expression: what
 * the events do not show, their private fields hold.
 */
export function evolve(execution: Execution, event: JournalEvent): Execution {
  // Internal records have the id 0.
  if (event.id !== 0) {
    if (event.id !== execution.lastEventId + 1)
      throw new Error(`Event ${event.id} (${event.type}) follows event ${execution.lastEventId}`);
    execution.lastEventId = event.id;
    execution.lastEventTime = event.timestamp;
  }
  apply(execution, event);
  return execution;
}

/** The state right after ExecutionStarted. */
export function opened(event: JournalEventOf<'ExecutionStarted'>): Execution {
  const { input, roleArn } = event.details;
  const { identity, startAt, deadline, limits = PORTABLE_LIMITS } = event.private;
  return {
    status: 'RUNNING',
    identity,
    roleArn,
    limits,
    input,
    startTime: event.timestamp,
    deadline,
    redrive: undefined,
    output: undefined,
    failure: undefined,
    lastEventId: event.id,
    lastEventTime: event.timestamp,
    nextBranchId: 1,
    branches: new Map([[0, firstBranch(startAt, input, event)]]),
    ready: [0],
  };
}

/** A switch, not a table: V8 finds the case of a known text several times as fast, and most of a journal are the first. */
function apply(execution: Execution, event: JournalEvent): void {
  switch (event.type) {
    case 'PassStateEntered':
    case 'TaskStateEntered':
    case 'ChoiceStateEntered':
    case 'SucceedStateEntered':
    case 'ParallelStateEntered':
    case 'MapStateEntered':
      enter(execution, event);
      break;
    case 'PassStateExited':
    case 'TaskStateExited':
    case 'ChoiceStateExited':
    case 'WaitStateExited':
    case 'SucceedStateExited':
    case 'ParallelStateExited':
    case 'MapStateExited':
      exit(execution, event);
      break;
    case 'WaitStateEntered':
      enterWait(execution, event);
      break;
    case 'FailStateEntered':
      enterFail(execution, event);
      break;

    case 'LambdaFunctionScheduled':
    case 'TaskScheduled':
    case 'ActivityScheduled':
      attempts.scheduled(execution, event);
      break;
    case 'LambdaFunctionStarted':
    case 'TaskStarted':
      attempts.started(execution, event);
      break;
    case 'LambdaFunctionSucceeded':
    case 'TaskSucceeded':
    case 'ActivitySucceeded':
      attempts.succeeded(execution, event);
      break;
    case 'ActivityStarted':
      attempts.activityStarted(execution, event);
      break;
    case 'TaskSubmitted':
      attempts.submitted(execution, event);
      break;
    case 'HeartbeatReceived':
      attempts.heartbeatReceived(execution, event);
      break;
    case 'CallbackReceived':
      attempts.callbackReceived(execution, event);
      break;
    case 'LambdaFunctionFailed':
    case 'LambdaFunctionTimedOut':
    case 'LambdaFunctionScheduleFailed':
    case 'LambdaFunctionStartFailed':
    case 'ActivityFailed':
    case 'ActivityTimedOut':
    case 'ActivityScheduleFailed':
    case 'TaskFailed':
    case 'TaskTimedOut':
    case 'TaskStartFailed':
    case 'TaskSubmitFailed':
      handled(execution, event);
      break;

    case 'ParallelStateStarted':
      scopes.parallelStarted(execution, event);
      break;
    case 'MapStateStarted':
      scopes.mapStarted(execution, event);
      break;
    case 'MapIterationStarted':
      scopes.iterationStarted(execution, event);
      break;
    case 'MapIterationSucceeded':
      scopes.iterationSucceeded(execution, event);
      break;
    case 'ParallelStateFailed':
    case 'MapStateFailed':
      failScope(execution, event);
      break;
    case 'EvaluationFailed':
      evaluationFailed(execution, event);
      break;
    case 'RetryScheduled':
      retryScheduled(execution, event);
      break;
    case 'ParallelStateSucceeded':
    case 'MapStateSucceeded':
    case 'MapIterationFailed':
    case 'MapIterationAborted':
    case 'TaskStateAborted':
    case 'WaitStateAborted':
    case 'ParallelStateAborted':
    case 'MapStateAborted':
      break;

    case 'ExecutionSucceeded':
      close(execution, 'SUCCEEDED', event.details.output, undefined);
      break;
    case 'ExecutionFailed':
      failJoin(execution, event);
      close(execution, 'FAILED', undefined, event.details);
      break;
    case 'ExecutionAborted':
      close(execution, 'ABORTED', undefined, event.details);
      break;
    // A timed out execution has no error and cause of its own, whatever its last event shows.
    case 'ExecutionTimedOut':
      close(execution, 'TIMED_OUT', undefined, undefined);
      break;
    case 'ExecutionRedriven':
      redrive(execution, event);
      break;
    case 'ExecutionStarted':
      throw new Error(`ExecutionStarted again, as event ${event.id}`);
    default:
      throw new Error(`There is no such event: ${(event satisfies never as JournalEvent).type}`);
  }
}

function close(
  execution: Execution,
  status: Execution['status'],
  output: Payload | undefined,
  failure: Failure | undefined,
): void {
  execution.status = status;
  execution.output = output;
  execution.failure = failure;
  if (status === 'SUCCEEDED') execution.branches.clear();
  execution.ready.length = 0;
}
