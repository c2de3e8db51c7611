/** The open branches of an execution and their place in its queue; used by evolve alone to change them. */
import type { Payload } from '../data/payload.ts';
import type { Branch, BranchId, Execution, MapRun, TaskAttempt } from './execution.ts';

/** The event's branch, with the event as the one that its next event chains to. */
export function chain(execution: Execution, event: { branch: BranchId; id: number }): Branch {
  const chained = branchOf(execution, event.branch);
  chained.lastEventId = event.id;
  if (chained.activity.kind === 'redriven') unready(execution, chained.id);
  return chained;
}

/** The execution's own branch. Its first StateEntered event chains to 0, not to ExecutionStarted. */
export function firstBranch(startAt: string, input: Payload, event: OpeningEvent): Branch {
  return branch(0, undefined, 0, startAt, input, 0, event);
}

interface OpeningEvent {
  readonly id: number;
  readonly timestamp: number;
}

export function open(
  execution: Execution,
  parent: Branch,
  index: number,
  state: string,
  input: Payload,
  event: OpeningEvent,
): void {
  const id = execution.nextBranchId++;
  execution.branches.set(id, branch(id, parent.id, index, state, input, event.id, event));
  makeReady(execution, id);
}

function branch(
  id: BranchId,
  parent: BranchId | undefined,
  index: number,
  state: string,
  input: Payload,
  lastEventId: number,
  opening: OpeningEvent,
): Branch {
  return {
    id,
    parent,
    index,
    openedEventId: opening.id,
    openedTime: opening.timestamp,
    lastEventId,
    state,
    input,
    variables: new Map(),
    enteredEventId: 0,
    enteredTime: 0,
    retries: [],
    activity: { kind: 'entering' },
  };
}

export function makeReady(execution: Execution, id: BranchId): void {
  if (!execution.ready.includes(id)) execution.ready.push(id);
}

export function unready(execution: Execution, id: BranchId): void {
  const { ready } = execution;
  // Most often it is the only one.
  if (ready[0] === id && ready.length === 1) ready.pop();
  else if (ready[0] === id) ready.shift();
  else if (ready.includes(id)) ready.splice(ready.indexOf(id), 1);
}

/** Takes the open branches within a branch out of the execution. Answers them, each after its parent. */
export function removeWithin(execution: Execution, parent: BranchId): Branch[] {
  unready(execution, parent);
  const ids = new Set([parent]);
  const removed: Branch[] = [];
  for (const branch of execution.branches.values()) {
    if (branch.parent === undefined || !ids.has(branch.parent)) continue;
    ids.add(branch.id);
    removed.push(branch);
  }
  for (const { id } of removed) remove(execution, id);
  return removed;
}

export function remove(execution: Execution, id: BranchId): void {
  unready(execution, id);
  execution.branches.delete(id);
}

/** Open branches that the branch's Parallel or Map state opened, by index. */
export function childrenOf(execution: Execution, parent: BranchId): Branch[] {
  return [...execution.branches.values()]
    .filter((child) => child.parent === parent)
    .sort((a, b) => a.index - b.index);
}

/** @throws Error when there is no such open branch: the journal is not well-formed */
export function branchOf(execution: Execution, id: BranchId): Branch {
  const found = execution.branches.get(id);
  if (found === undefined) throw new Error(`Branch ${id} is not open`);
  return found;
}

export function attemptOf(branch: Branch): TaskAttempt {
  if (branch.activity.kind !== 'task')
    throw new Error(`Branch ${branch.id} runs no task but is ${branch.activity.kind}`);
  return branch.activity;
}

export function mapRunOf(branch: Branch): MapRun {
  if (branch.activity.kind !== 'map')
    throw new Error(`Branch ${branch.id} runs no Map but is ${branch.activity.kind}`);
  return branch.activity;
}
