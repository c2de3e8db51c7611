/** What entering and leaving a state does to its branch; used by evolve alone. */
import type { Payload } from '../data/payload.ts';
import { branchOf, chain, makeReady, remove, unready } from './branches.ts';
import type { JournalEventOf } from './event.ts';
import type { Branch, BranchId, Execution } from './execution.ts';
import { fail } from './failure-handling.ts';

export function enter(
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

/** Its private field holds the end of the wait, if there is one. */
export function enterWait(execution: Execution, event: JournalEventOf<'WaitStateEntered'>): void {
  const entered = enter(execution, event);
  const { until } = event.private;
  if (until !== undefined) entered.activity = { kind: 'waiting', until };
}

/** Its private field holds the failure, if it could be worded. */
export function enterFail(execution: Execution, event: JournalEventOf<'FailStateEntered'>): void {
  const entered = enter(execution, event);
  const { failure } = event.private;
  if (failure !== undefined) fail(execution, entered, failure, event.id);
}

const ENTERING = { kind: 'entering' } as const;

type ExitedEvent = {
  branch: BranchId;
  id: number;
  details: { output: Payload; assignedVariables?: Readonly<Record<string, Payload>> };
  private: { next: string | null };
};

export function exit(execution: Execution, event: ExitedEvent): void {
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
