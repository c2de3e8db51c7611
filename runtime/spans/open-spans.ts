/** The spans that are open in an execution, as they are when they end at a given time. */
import { isObject, member } from '../data/json.ts';
import type { Payload } from '../data/payload.ts';
import type { Branch, Execution } from '../execution/execution.ts';
import { spanIdOf } from '../execution/trace.ts';
import type { Failure } from '../failures/failure.ts';
import type { Machine, State } from '../machine/machine.ts';
import type { TaskResource } from '../machine/resource.ts';
import type { ExecutionSpan, RunSpan, SpanOutcome, StateSpan } from './execution-span.ts';
import {
  isInState,
  isIteration,
  iterationSpanId,
  retryWaitSpanId,
  runParentId,
  runSpanId,
  scopeSpanId,
  stateSpanId,
} from './span-ids.ts';

export interface Ending {
  readonly outcome: SpanOutcome;
  readonly failure: Failure | undefined;
}

export class OpenSpans {
  readonly #machine: Machine;
  readonly #execution: Execution;
  readonly #endTime: number;

  constructor(machine: Machine, execution: Execution, endTime: number) {
    this.#machine = machine;
    this.#execution = execution;
    this.#endTime = endTime;
  }

  run(status: RunSpan['status'], ending: Ending): RunSpan {
    const { startTime, redrive } = this.#execution;
    return {
      kind: 'execution',
      id: runSpanId(this.#execution),
      parentId: runParentId(this.#execution),
      eventId: redrive?.eventId ?? 1,
      startTime: redrive?.time ?? startTime,
      endTime: this.#endTime,
      ...ending,
      status,
      redriveCount: redrive?.count ?? 0,
    };
  }

  /** All that is open in a branch itself. */
  branch(branch: Branch, ending: Ending): ExecutionSpan[] {
    return [
      ...this.attempt(branch, ending),
      ...this.retryWait(branch, { outcome: 'aborted', failure: undefined }),
      ...(isInState(branch) ? [this.state(branch, ending)] : []),
      ...this.iteration(branch, ending),
    ];
  }

  state(branch: Branch, ending: Ending): StateSpan {
    const { state, enteredEventId, enteredTime } = branch;
    return {
      kind: 'state',
      id: stateSpanId(this.#execution, branch),
      parentId: scopeSpanId(this.#machine, this.#execution, branch),
      eventId: enteredEventId,
      ...this.#times(enteredTime),
      ...ending,
      state,
      stateType: this.#stateOf(branch).type,
      retryCount: retriesOf(branch),
    };
  }

  /** None, when there is no attempt without a result. */
  attempt(branch: Branch, ending: Ending, output?: Payload): ExecutionSpan[] {
    const { activity, state } = branch;
    const { executionArn } = this.#execution.identity;
    if (activity.kind !== 'task' || activity.phase === 'succeeded') return [];
    const { scheduledEventId, scheduledTime, startedTime, submittedTime } = activity;
    const { resource } = this.#stateOf(branch) as Extract<State, { type: 'Task' }>;
    return [
      {
        kind: 'attempt',
        id: spanIdOf(executionArn, scheduledEventId),
        parentId: stateSpanId(this.#execution, branch),
        eventId: scheduledEventId,
        ...this.#times(scheduledTime),
        ...ending,
        state,
        resource,
        retryCount: retriesOf(branch),
        startedTime,
        submittedTime,
        childExecutionArn: output && childOf(resource, output),
      },
    ];
  }

  retryWait(branch: Branch, ending: Ending): ExecutionSpan[] {
    const { activity, state } = branch;
    if (activity.kind !== 'retrying') return [];
    const { failedEventId, since } = activity;
    return [
      {
        kind: 'retry-wait',
        id: retryWaitSpanId(this.#execution, failedEventId),
        parentId: stateSpanId(this.#execution, branch),
        eventId: failedEventId,
        ...this.#times(since),
        ...ending,
        state,
        retryCount: retriesOf(branch),
      },
    ];
  }

  iteration(branch: Branch, ending: Ending): ExecutionSpan[] {
    const { parent, index, openedEventId, openedTime } = branch;
    const map = parent === undefined ? undefined : this.#execution.branches.get(parent);
    if (map === undefined || !isIteration(this.#machine, this.#execution, branch)) return [];
    return [
      {
        kind: 'iteration',
        id: iterationSpanId(this.#execution, branch),
        parentId: stateSpanId(this.#execution, map),
        eventId: openedEventId,
        ...this.#times(openedTime),
        ...ending,
        state: map.state,
        index,
      },
    ];
  }

  /** What goes on after a redrive begins there. */
  #times(begun: number): { startTime: number; endTime: number } {
    return { startTime: Math.max(begun, this.#execution.redrive?.time ?? begun), endTime: this.#endTime };
  }

  #stateOf({ state: name }: Branch): State {
    const state = this.#machine.allStates.get(name);
    if (state === undefined) throw new Error(`The machine has no state '${name}'`);
    return state;
  }
}

function retriesOf({ retries }: Branch): number {
  return retries.reduce((sum, used) => sum + (used ?? 0), 0);
}

/** Both StartExecution's own answer and the description of a child that has ended tell its ARN. */
function childOf(resource: TaskResource, output: Payload): string | undefined {
  if (resource.kind !== 'service' || resource.resourceType !== 'states') return undefined;
  const { value } = output;
  const arn = isObject(value) ? member(value, 'ExecutionArn') : undefined;
  return typeof arn === 'string' ? arn : undefined;
}
