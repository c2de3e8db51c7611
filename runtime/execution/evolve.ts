import type { Payload } from '../data/payload.ts';
import type { Failure } from '../failures/failure.ts';
import {
  attemptOf,
  branchOf,
  chain,
  firstBranch,
  makeReady,
  mapRunOf,
  open,
  remove,
  removeWithin,
  unready,
} from './branches.ts';
import type { EventType, JournalEvent, JournalEventOf } from './event.ts';
import type { Branch, BranchId, Execution } from './execution.ts';
import { fail, failJoin, failScope, handle, handled } from './failure-handling.ts';
import { PORTABLE_LIMITS } from './limits.ts';
import { redrive } from './redrive.ts';

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
  (APPLY[event.type] as Apply<EventType>)(execution, event as JournalEventOf<EventType>);
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

type Apply<T extends EventType> = (execution: Execution, event: JournalEventOf<T>) => void;
type Table = { readonly [T in EventType]: Apply<T> };

const nothing = (): void => {};

const APPLY: Table = {
  ExecutionStarted: (_execution, event) => {
    throw new Error(`ExecutionStarted again, as event ${event.id}`);
  },
  ExecutionSucceeded: (execution, event) => close(execution, 'SUCCEEDED', event.details.output, undefined),
  ExecutionFailed: (execution, event) => {
    failJoin(execution, event);
    close(execution, 'FAILED', undefined, event.details);
  },
  ExecutionAborted: (execution, event) => close(execution, 'ABORTED', undefined, event.details),
  // A timed out execution has no error and cause of its own, whatever its last event shows.
  ExecutionTimedOut: (execution) => close(execution, 'TIMED_OUT', undefined, undefined),
  ExecutionRedriven: redrive,

  PassStateEntered: enter,
  TaskStateEntered: enter,
  ChoiceStateEntered: enter,
  SucceedStateEntered: enter,
  ParallelStateEntered: enter,
  MapStateEntered: enter,
  WaitStateEntered: (execution, event) => {
    const entered = enter(execution, event);
    if (event.private.until !== undefined) entered.activity = { kind: 'waiting', until: event.private.until };
  },
  FailStateEntered: (execution, event) => {
    const entered = enter(execution, event);
    if (event.private.failure !== undefined) fail(execution, entered, event.private.failure, event.id);
  },

  PassStateExited: exit,
  TaskStateExited: exit,
  ChoiceStateExited: exit,
  WaitStateExited: exit,
  SucceedStateExited: exit,
  ParallelStateExited: exit,
  MapStateExited: exit,

  LambdaFunctionScheduled: schedule,
  LambdaFunctionStarted: begin,
  LambdaFunctionSucceeded: succeed,
  LambdaFunctionFailed: handled,
  LambdaFunctionTimedOut: handled,
  LambdaFunctionScheduleFailed: handled,
  LambdaFunctionStartFailed: handled,
  ActivityScheduled: schedule,
  ActivityStarted: (execution, event) => {
    begin(execution, event);
    const attempt = attemptOf(branchOf(execution, event.branch));
    attempt.deadline = event.private.deadline;
    attempt.heartbeatDeadline = event.private.heartbeatDeadline;
  },
  ActivitySucceeded: succeed,
  ActivityFailed: handled,
  ActivityTimedOut: handled,
  ActivityScheduleFailed: handled,
  TaskScheduled: schedule,
  TaskStarted: begin,
  TaskSubmitted: (execution, event) => {
    const attempt = attemptOf(chain(execution, event));
    attempt.phase = 'submitted';
    attempt.submittedTime = event.timestamp;
  },
  TaskSucceeded: succeed,
  TaskFailed: handled,
  TaskTimedOut: handled,
  TaskStartFailed: handled,
  TaskSubmitFailed: handled,
  TaskStateAborted: nothing,
  WaitStateAborted: nothing,
  ParallelStateAborted: nothing,
  MapStateAborted: nothing,

  ParallelStateStarted: (execution, event) => {
    const parent = chain(execution, event);
    const { startAt, input } = event.private;
    parent.activity = {
      kind: 'parallel',
      startedEventId: event.id,
      outputs: startAt.map(() => null),
      open: startAt.length,
    };
    for (const [index, state] of startAt.entries()) open(execution, parent, index, state, input, event);
  },
  ParallelStateSucceeded: nothing,
  ParallelStateFailed: failScope,

  MapStateStarted: (execution, event) => {
    const parent = chain(execution, event);
    const { length } = event.details;
    const { items, concurrency } = event.private;
    parent.activity = {
      kind: 'map',
      startedEventId: event.id,
      items,
      length,
      concurrency,
      started: 0,
      outputs: Array.from({ length }, () => null),
      open: 0,
      lastBodyEventId: event.id,
    };
    makeReady(execution, parent.id);
  },
  MapIterationStarted: (execution, event) => {
    const parent = branchOf(execution, event.private.parent);
    const run = mapRunOf(parent);
    unready(execution, parent.id);
    run.started++;
    run.open++;
    open(execution, parent, event.details.index, event.private.startAt, event.private.input, event);
  },
  MapIterationSucceeded: (execution, event) => {
    const iteration = branchOf(execution, event.branch);
    const parent = branchOf(execution, iteration.parent ?? 0);
    const run = mapRunOf(parent);
    run.outputs[iteration.index] = iteration.activity.kind === 'ended' ? iteration.activity.output : null;
    run.open--;
    run.lastBodyEventId = iteration.lastEventId;
    parent.lastEventId = event.id;
    remove(execution, iteration.id);
    if (run.started < run.length || run.open === 0) makeReady(execution, parent.id);
  },
  MapIterationFailed: nothing,
  MapIterationAborted: nothing,
  MapStateSucceeded: nothing,
  MapStateFailed: failScope,

  EvaluationFailed: (execution, event) => {
    const failed = chain(execution, event);
    unready(execution, failed.id);
    const { handling } = event.private;
    const { error, cause } = event.details;
    if (handling === undefined) return;
    // Iterations that run while the next one's input cannot be made; the Map begins anew without them.
    removeWithin(execution, failed.id);
    handle(execution, failed, handling, { error, cause }, event);
  },

  RetryScheduled: (execution, event) => {
    const { retrier, until } = event.private;
    const retried = branchOf(execution, event.branch);
    retried.lastEventId = event.previousEventId;
    removeWithin(execution, retried.id);
    const failing = { id: event.previousEventId, timestamp: event.timestamp };
    handle(execution, retried, { kind: 'retry', retrier, until }, {}, failing);
  },
  HeartbeatReceived: (execution, event) => {
    const attempt = attemptOf(branchOf(execution, event.branch));
    if (attempt.heartbeatSeconds !== undefined)
      attempt.heartbeatDeadline = event.timestamp + attempt.heartbeatSeconds * 1000;
  },
  CallbackReceived: (execution, event) => {
    attemptOf(branchOf(execution, event.branch)).callback = event.private;
  },
};

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

function enter(
  execution: Execution,
  event: { branch: BranchId; id: number; timestamp: number; details: { name: string; input: Payload } },
): Branch {
  const entered = chain(execution, event);
  unready(execution, entered.id);
  entered.state = event.details.name;
  entered.input = event.details.input;
  entered.enteredEventId = event.id;
  entered.enteredTime = event.timestamp;
  return entered;
}

const ENTERING = { kind: 'entering' } as const;

type ExitedEvent = {
  branch: BranchId;
  id: number;
  details: { output: Payload; assignedVariables?: Readonly<Record<string, Payload>> };
  private: { next: string | null };
};

function exit(execution: Execution, event: ExitedEvent): void {
  const exited = chain(execution, event);
  const { output, assignedVariables } = event.details;
  if (assignedVariables !== undefined)
    for (const [name, value] of Object.entries(assignedVariables)) exited.variables.set(name, value);
  unready(execution, exited.id);
  if (event.private.next === null) {
    endScope(execution, exited, output);
    return;
  }
  exited.state = event.private.next;
  exited.input = output;
  exited.enteredEventId = 0;
  if (exited.retries.length > 0) exited.retries = [];
  exited.activity = ENTERING;
  makeReady(execution, exited.id);
}

/** A branch whose scope has ended. A Parallel branch needs no event of its own to be joined. */
function endScope(execution: Execution, ended: Branch, output: Payload): void {
  ended.activity = { kind: 'ended', output };
  const parent = ended.parent === undefined ? undefined : branchOf(execution, ended.parent);
  if (parent?.activity.kind !== 'parallel') {
    makeReady(execution, ended.id);
    return;
  }
  parent.activity.outputs[ended.index] = output;
  parent.activity.open--;
  parent.lastEventId = ended.lastEventId;
  remove(execution, ended.id);
  if (parent.activity.open === 0) makeReady(execution, parent.id);
}

function schedule(
  execution: Execution,
  event: {
    branch: BranchId;
    id: number;
    timestamp: number;
    details: { timeoutInSeconds?: number };
    private: { deadline?: number; heartbeatSeconds?: number; token?: string };
  },
): void {
  const { deadline, heartbeatSeconds, token } = event.private;
  chain(execution, event).activity = {
    kind: 'task',
    scheduledEventId: event.id,
    scheduledTime: event.timestamp,
    startedTime: undefined,
    submittedTime: undefined,
    phase: 'scheduled',
    timeoutSeconds: event.details.timeoutInSeconds,
    deadline,
    heartbeatSeconds,
    heartbeatDeadline: heartbeatSeconds === undefined ? undefined : event.timestamp + heartbeatSeconds * 1000,
    token,
    callback: undefined,
  };
}

function begin(execution: Execution, event: { branch: BranchId; id: number; timestamp: number }): void {
  const attempt = attemptOf(chain(execution, event));
  attempt.phase = 'started';
  attempt.startedTime = event.timestamp;
}

function succeed(execution: Execution, event: { branch: BranchId; id: number }): void {
  attemptOf(chain(execution, event)).phase = 'succeeded';
}
