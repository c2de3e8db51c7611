/** How executions come to be: start_executions and start_children. */

import type { StartOutcome } from '../../../store/execution.ts';
import type { ChildStart } from '../../../store/lease.ts';
import { inputOf, type StartEntry } from '../../../store/start.ts';
import { dueAgainAt, hint } from './signals.ts';
import { nameKey, type Transaction } from './tables.ts';

export function start(tx: Transaction, entry: StartEntry): StartOutcome {
  const takenBy = tx.tables.names.get(nameKey(entry.stateMachineId, entry.name));
  if (takenBy === undefined) return { kind: 'started', executionId: insert(tx, entry) };
  const [first] = tx.tables.journalOf(takenBy);
  // A start whose answer was lost finds itself.
  if (first?.appendId === entry.appendId) return { kind: 'started', executionId: takenBy };
  const { status, startedAt } = tx.tables.execution(takenBy);
  return { kind: 'exists', status, startedAt, sameInput: inputOf(first?.body ?? '') === entry.input };
}

function insert(tx: Transaction, entry: StartEntry): string {
  const { stateMachineId, revisionRowId, version, alias, name, startedAt, traceHeader, appendId, body } =
    entry;
  const id = tx.tables.nextId();
  tx.tables.names.set(nameKey(stateMachineId, name), id);
  tx.tables.executions.set(id, {
    ...{ id, stateMachineId, revisionRowId, name, version, alias, startedAt, traceHeader },
    ...{ status: 'RUNNING', stoppedAt: undefined, output: undefined, error: undefined, cause: undefined },
    ...{ owner: undefined, epoch: 0, claimId: undefined, headSeq: 1, nextEventId: 2, signals: 0 },
    wakeAt: dueAgainAt(tx),
    ...{ redriveCount: 0, redrivenAt: undefined, earlierOpenMs: 0 },
  });
  tx.tables.journal.set(id, [{ seq: 1, firstEventId: 1, appendId, body, committedAt: tx.now }]);
  hint(tx, id);
  return id;
}

/** Those of an append; a task has one child at most, also when its append comes again under another id. */
export function startChild(
  tx: Transaction,
  parentId: string,
  { scheduledEventId, isAwaited, execution }: ChildStart,
  appendId: number,
): void {
  const isThere = tx.tables.children.some(
    (child) => child.parentId === parentId && child.scheduledEventId === scheduledEventId,
  );
  if (isThere) return;
  const outcome = start(tx, { ...execution, appendId });
  const isSame = outcome.kind === 'exists' && outcome.status === 'RUNNING' && outcome.sameInput;
  if (outcome.kind !== 'started' && !isSame) return;
  const executionId =
    outcome.kind === 'started'
      ? outcome.executionId
      : (tx.tables.names.get(nameKey(execution.stateMachineId, execution.name)) as string);
  tx.tables.children.push({ parentId, scheduledEventId, executionId, awaited: isAwaited, orphaned: false });
}
