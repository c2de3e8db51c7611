import type { Payload } from '../data/payload.ts';
import { States } from '../failures/failure.ts';
import type { State, TaskState } from '../machine/machine.ts';
import { continueMap } from '../states/map.ts';
import { joinParallel } from '../states/parallel.ts';
import { failBranch } from '../states/scope-failure.ts';
import { enterState, workAgain } from '../states/table.ts';
import * as task from '../states/task.ts';
import { endWait } from '../states/wait.ts';
import { branchOf } from './branches.ts';
import type { Branch } from './execution.ts';
import { deadlineOf } from './open-work.ts';
import { HistoryFull, type Step, Turn } from './step.ts';
import type { Trigger } from './trigger.ts';

/**
 * What a trigger makes of an execution: the step collects the events to append, and the effects to run once they are
 * durable. A pure function of its arguments; the execution is only read.
 * @throws JsonataPending when expressions must be evaluated first
 */
export function decide(step: Step, trigger: Trigger): Step {
  const { execution } = step;
  if (execution.status !== 'RUNNING') return step;
  const before = step.effects.length;
  try {
    if (execution.deadline !== undefined && execution.deadline <= step.time)
      timeOut(step, execution.deadline);
    else (ON[trigger.kind] as On<Trigger['kind']>)(step, trigger);
  } catch (thrown) {
    if (!(thrown instanceof HistoryFull)) throw thrown;
    step.effects.length = before;
    step.endFullHistory();
  }
  return step;
}

type On<K extends Trigger['kind']> = (step: Step, trigger: Extract<Trigger, { kind: K }>) => void;

const ON: { readonly [K in Trigger['kind']]: On<K> } = {
  Proceed: (step) => {
    const [first] = step.execution.ready;
    if (first !== undefined) proceed(new Turn(step, branchOf(step.execution, first)));
  },
  ClockTicked: (step) => {
    for (const branch of step.execution.branches.values()) {
      if (step.hasEnded) return;
      if ((deadlineOf(branch) ?? Number.POSITIVE_INFINITY) <= step.time) due(new Turn(step, branch));
    }
  },
  TaskSucceeded: onTask((turn, state, { output }) => task.taskSucceeded(turn, state, output)),
  TaskFailed: onTask((turn, state, { failure }) => task.callFailed(turn, state, failure)),
  CallbackSucceeded: onTask((turn, state, { output }) => task.callbackSucceeded(turn, state, output)),
  CallbackFailed: onTask((turn, state, { failure }) => task.callbackFailed(turn, state, failure)),
  HeartbeatReceived: onTask((turn) => task.heartbeatReceived(turn)),
  ActivityStarted: onTask((turn, _state, { workerName }) => task.activityStarted(turn, workerName)),
  ExecutionEnded: onTask((turn, state, { execution }) => task.executionEnded(turn, state, execution)),
};

/** News of a task attempt; late news, of an attempt that is over, moves nothing. */
function onTask<T extends Extract<Trigger, { scheduledEventId: number }>>(
  react: (turn: Turn, state: TaskState, trigger: T) => void,
): (step: Step, trigger: T) => void {
  return (step, trigger) => {
    for (const branch of step.execution.branches.values()) {
      const { activity } = branch;
      if (activity.kind !== 'task' || activity.scheduledEventId !== trigger.scheduledEventId) continue;
      return react(new Turn(step, branch), stateOf(step, branch) as TaskState, trigger);
    }
  };
}

/** What a ready branch does next, by what goes on in it. */
function proceed(turn: Turn): void {
  const { branch, step } = turn;
  const { activity } = branch;
  switch (activity.kind) {
    case 'entering':
      turn.enteredEventId = step.nextEventId;
      turn.enteredTime = step.time;
      enterState(turn, stateOf(step, branch));
      break;
    case 'ended':
      endScope(turn, activity.output);
      break;
    case 'redriven':
      workAgain(turn, stateOf(step, branch));
      break;
    case 'failed':
      if (branch.parent === undefined) step.failExecution(activity.failure, activity.eventId);
      else failBranch(turn, branch.parent, activity.failure, activity.eventId);
      break;
    case 'parallel':
      joinParallel(turn, stateOf(step, branch) as Extract<State, { type: 'Parallel' }>);
      break;
    case 'map':
      continueMap(turn, stateOf(step, branch) as Extract<State, { type: 'Map' }>);
      break;
    default:
      throw new Error(`Branch ${branch.id} is ready, but ${activity.kind}`);
  }
}

/** All there is to do has been done: in the execution, or in an iteration of a Map. */
function endScope(turn: Turn, output: Payload): void {
  const { parent, index } = turn.branch;
  if (parent === undefined) turn.emit('ExecutionSucceeded', { output }, {});
  else turn.emit('MapIterationSucceeded', { name: branchOf(turn.step.execution, parent).state, index }, {});
}

/** A deadline of the branch has come. */
function due(turn: Turn): void {
  const { branch, step } = turn;
  const state = stateOf(step, branch);
  const { activity } = branch;
  if (activity.kind === 'waiting') endWait(turn, state as Extract<State, { type: 'Wait' }>);
  else if (activity.kind === 'retrying') workAgain(turn, state);
  else if (activity.kind === 'task') {
    const missedHeartbeat = (activity.deadline ?? Number.POSITIVE_INFINITY) > step.time;
    task.taskTimedOut(turn, state as TaskState, missedHeartbeat);
  }
}

/** TimeoutSeconds of the machine: the execution stops at the very moment, nothing is written for the cut states. */
function timeOut(step: Step, deadline: number): void {
  step.time = Math.max(deadline, step.execution.lastEventTime);
  for (const { activity } of step.execution.branches.values())
    if (activity.kind === 'task')
      step.effects.push({ kind: 'CancelTask', scheduledEventId: activity.scheduledEventId });
  step.append('ExecutionTimedOut', 0, 0, { error: States.Timeout }, {});
}

function stateOf(step: Step, branch: Branch): State {
  const state = step.machine.allStates.get(branch.state);
  if (state === undefined) throw new Error(`The machine has no state '${branch.state}'`);
  return state;
}
