/**
 * The names of an execution's spans, which follow from the events that they begin with. What is open when an execution
 * ends, and goes on with a redrive, is another span from then on: the first was written when the execution ended.
 */
import { branchOf } from '../execution/branches.ts';
import type { Branch, Execution } from '../execution/execution.ts';
import { spanIdOf } from '../execution/trace.ts';
import type { Machine } from '../machine/machine.ts';

/** Tells a retry wait from other spans of the same event: no event has this id. */
const RETRY = -1;

/** The span of the execution's current run: from its start, or from its last redrive. */
export function runSpanId({ identity, redrive }: Execution): string {
  return spanIdOf(identity.executionArn, redrive?.eventId ?? 1);
}

/** The span that contains the run: a redrive belongs to the execution's first run, that to whoever asked for it. */
export function runParentId({ identity, redrive }: Execution): string | undefined {
  return redrive === undefined ? identity.trace?.parentSpanId : spanIdOf(identity.executionArn, 1);
}

/** The span of the state that the branch is in. */
export function stateSpanId(execution: Execution, { enteredEventId }: Branch): string {
  return resumableSpanId(execution, enteredEventId);
}

export function iterationSpanId(execution: Execution, { openedEventId }: Branch): string {
  return resumableSpanId(execution, openedEventId);
}

/** The span of the wait that the failing event leads to: that event may have a span of its own, a Fail state's has. */
export function retryWaitSpanId({ identity }: Execution, failedEventId: number): string {
  return spanIdOf(identity.executionArn, failedEventId, RETRY);
}

/** The span around the branch: its iteration, the Parallel state that opened it, or the execution. */
export function scopeSpanId(machine: Machine, execution: Execution, branch: Branch): string {
  if (branch.parent === undefined) return runSpanId(execution);
  if (isIteration(machine, execution, branch)) return iterationSpanId(execution, branch);
  return stateSpanId(execution, branchOf(execution, branch.parent));
}

/** Whether the branch was opened by a Map. */
export function isIteration(machine: Machine, execution: Execution, { parent }: Branch): boolean {
  if (parent === undefined) return false;
  return machine.allStates.get(branchOf(execution, parent).state)?.type === 'Map';
}

/** Whether the branch is in a state. */
export function isInState({ enteredEventId, activity }: Branch): boolean {
  return enteredEventId > 0 && activity.kind !== 'ended';
}

function resumableSpanId({ identity, redrive }: Execution, eventId: number): string {
  const isResumed = redrive !== undefined && eventId < redrive.eventId;
  return spanIdOf(identity.executionArn, eventId, isResumed ? redrive.eventId : 0);
}
