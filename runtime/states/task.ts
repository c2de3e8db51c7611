import { evaluateSeconds } from '../data/dynamic.ts';
import { effectiveInput, workInput } from '../data/flow.ts';
import { isObject, member } from '../data/json.ts';
import type { Payload } from '../data/payload.ts';
import { checkSize } from '../data/size.ts';
import { describeEnded, type EndedExecution } from '../execution/ended-execution.ts';
import type { TaskAttempt } from '../execution/execution.ts';
import type { Turn } from '../execution/step.ts';
import { taskToken } from '../execution/task-token.ts';
import { attemptTrace } from '../execution/trace.ts';
import { TurnStates } from '../execution/turn-environment.ts';
import { runtimeFailure, StateFailure, States } from '../failures/failure.ts';
import type { Fault } from '../failures/retry.ts';
import type { TaskState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { catchFault, guard, handlingIn } from './failing.ts';
import { leave } from './leaving.ts';
import { TASK_EVENTS } from './task-events.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html */
export function enterTask(turn: Turn, state: TaskState): void {
  enter(turn, state);
  scheduleTask(turn, state);
}

/** Begins an attempt: the first, or another, for which the input is evaluated anew. */
export function scheduleTask(turn: Turn, state: TaskState): void {
  guard(turn, state, schedule);
}

function schedule(turn: Turn, state: TaskState): void {
  const { step } = turn;
  const { resource } = state;
  const scheduledEventId = step.nextEventId;
  turn.taskToken = waitsForAnswer(state) ? taskToken(step.execution.identity, scheduledEventId) : undefined;
  const effective = effectiveInput(turn, state.flow);
  const input = checkSize(
    workInput(turn, state.flow, effective).compact,
    step.limits.maxPayloadBytes,
    state.name,
  );
  const timeoutSeconds = evaluateSeconds(turn, state.timeoutSeconds, effective);
  const heartbeatSeconds = evaluateSeconds(turn, state.heartbeatSeconds, effective);
  const roleArn = credentials(turn, state, effective);
  const token = openToken(turn, state, input);
  const deadline = timeoutSeconds === undefined ? undefined : step.time + timeoutSeconds * 1000;
  TASK_EVENTS[resource.kind].schedule(turn, resource as never, {
    input,
    timeoutSeconds,
    heartbeatSeconds,
    roleArn,
    attempt: {
      ...(deadline !== undefined && { deadline }),
      ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
      ...(token !== undefined && { token }),
    },
  });
  const { identity } = step.execution;
  const task = {
    scheduledEventId,
    executionArn: identity.executionArn,
    depth: identity.depth ?? 0,
    trace: attemptTrace(identity, scheduledEventId),
    stateName: state.name,
    resource,
    input,
    roleArn,
    deadline,
    token,
  };
  step.effects.push({ kind: resource.kind === 'activity' ? 'OfferTask' : 'InvokeTask', task });
}

/** The call has returned: the task's result, or, where a job or a token is awaited, only that it is submitted. */
export function taskSucceeded(turn: Turn, state: TaskState, output: Payload): void {
  const oversize = sizeFault(turn, state, output);
  if (oversize !== undefined) taskFailed(turn, state, oversize);
  else if (waitsForAnswer(state)) submitted(turn, state, output);
  else complete(turn, state, output);
}

function submitted(turn: Turn, state: TaskState, output: Payload): void {
  TASK_EVENTS[state.resource.kind].submitted(turn, state.resource as never, output);
  const { callback } = turn.branch.activity as TaskAttempt;
  if (callback?.output !== undefined) complete(turn, state, callback.output);
  else if (callback?.failure !== undefined) taskFailed(turn, state, callback.failure);
}

/** A States.Runtime failure of a task (parameters that its service cannot take) ends the execution as any other does. */
export function taskFailed(turn: Turn, state: TaskState, fault: Fault): void {
  if (fault.error === States.Runtime) {
    guard(turn, state, () => {
      throw runtimeFailure(fault.cause ?? '');
    });
    return;
  }
  const handling = handlingIn(turn, state, fault);
  TASK_EVENTS[state.resource.kind].failed(turn, state.resource as never, fault, handling);
  catchFault(turn, state, handling, fault);
}

export function taskTimedOut(turn: Turn, state: TaskState, missedHeartbeat: boolean): void {
  const fault = { error: States.Timeout, missedHeartbeat };
  const handling = handlingIn(turn, state, fault);
  turn.step.effects.push({
    kind: 'CancelTask',
    scheduledEventId: (turn.branch.activity as TaskAttempt).scheduledEventId,
  });
  TASK_EVENTS[state.resource.kind].timedOut(turn, state.resource as never, { error: fault.error }, handling);
  catchFault(turn, state, handling, fault);
}

/**
 * The call has failed, or was lost with its worker. Where the token has been answered already, the call did get
 * through, and the answer counts.
 */
export function callFailed(turn: Turn, state: TaskState, failure: Fault): void {
  const { callback } = turn.branch.activity as TaskAttempt;
  if (callback?.output !== undefined) complete(turn, state, callback.output);
  else taskFailed(turn, state, callback?.failure ?? failure);
}

/** SendTaskSuccess, or the job's success. What overtakes the call's own return is kept until that is there. */
export function callbackSucceeded(turn: Turn, state: TaskState, output: Payload): void {
  const { phase } = turn.branch.activity as TaskAttempt;
  const oversize = sizeFault(turn, state, output);
  if (oversize !== undefined) callbackFailed(turn, state, oversize);
  else if (isEarly(state, phase)) turn.step.note('CallbackReceived', turn.branch.id, 0, { output });
  else complete(turn, state, output);
}

/** SendTaskFailure, or the job's failure. */
export function callbackFailed(turn: Turn, state: TaskState, failure: Fault): void {
  const { phase } = turn.branch.activity as TaskAttempt;
  if (isEarly(state, phase)) turn.step.note('CallbackReceived', turn.branch.id, 0, { failure });
  else taskFailed(turn, state, failure);
}

/** SendTaskHeartbeat: no event of AWS's, but the heartbeat's clock starts anew. */
export function heartbeatReceived(turn: Turn): void {
  turn.step.note('HeartbeatReceived', turn.branch.id, 0, {});
}

/** A worker has taken the task of an activity: TimeoutSeconds and HeartbeatSeconds are its own from now on. */
export function activityStarted(turn: Turn, workerName: string | undefined): void {
  const { phase, timeoutSeconds, heartbeatSeconds } = turn.branch.activity as TaskAttempt;
  if (phase !== 'scheduled') return;
  const from = (seconds: number) => turn.step.time + seconds * 1000;
  turn.emit(
    'ActivityStarted',
    { ...(workerName !== undefined && { workerName }) },
    {
      ...(timeoutSeconds !== undefined && { deadline: from(timeoutSeconds) }),
      ...(heartbeatSeconds !== undefined && { heartbeatDeadline: from(heartbeatSeconds) }),
    },
  );
}

/** The execution that the task waits for has ended: its description is the result, or the cause of the failure. */
export function executionEnded(turn: Turn, state: TaskState, ended: EndedExecution): void {
  const { resource } = state;
  const description = describeEnded(ended, resource.kind === 'service' && resource.syncVersion === 2 ? 2 : 1);
  if (ended.status === 'SUCCEEDED') callbackSucceeded(turn, state, description);
  else callbackFailed(turn, state, { error: States.TaskFailed, cause: description.text });
}

function isEarly(state: TaskState, phase: TaskAttempt['phase']): boolean {
  return state.resource.kind === 'service' && phase !== 'submitted';
}

function complete(turn: Turn, state: TaskState, output: Payload): void {
  TASK_EVENTS[state.resource.kind].succeeded(turn, state.resource as never, output);
  turn.observe('result', output);
  guard(turn, state, () => leave(turn, state, state.next, output, effectiveInput(turn, state.flow)));
}

/** Whether the result does not come from the call, but later: by a task token, or with the end of a job. */
export function waitsForAnswer({ resource }: TaskState): boolean {
  return (
    resource.kind === 'activity' || (resource.kind === 'service' && resource.pattern !== 'REQUEST_RESPONSE')
  );
}

/** A job can be answered by a token too, if anybody has got it: most have not, and theirs need not be kept. */
function openToken({ taskToken: token }: Turn, { resource }: TaskState, input: Payload): string | undefined {
  if (token === undefined || resource.kind !== 'service' || resource.pattern !== 'RUN_A_JOB') return token;
  return input.text.includes(token) ? token : undefined;
}

function sizeFault(turn: Turn, { resource }: TaskState, output: Payload): Fault | undefined {
  try {
    const producer = resource.kind === 'service' ? resource.resourceType : resource.arn;
    checkSize(output, turn.step.limits.maxPayloadBytes, producer);
    return undefined;
  } catch (failure) {
    if (failure instanceof StateFailure) return { error: failure.error, cause: failure.cause };
    throw failure;
  }
}

function credentials(turn: Turn, state: TaskState, effective: Payload): string | undefined {
  if (state.credentials === undefined) return undefined;
  const value = state.credentials.evaluate(
    turn.environment(effective.value, { states: new TurnStates(turn) }),
  );
  const roleArn = isObject(value) ? member(value, 'RoleArn') : undefined;
  return typeof roleArn === 'string' ? roleArn : undefined;
}
