/** Mail, the jobs that go with it, and what the end of an execution leaves of both: post, clear_closed and report_end. */

import type { EndedChild, MailKind } from '../../../store/lease.ts';
import { placeText } from '../../../store/place.ts';
import { inputOf } from '../../../store/start.ts';
import { PLACE } from '../../support/place.ts';
import type { ExecutionRow, Transaction } from './tables.ts';

/** As statehouse.hint_patience(). */
const HINT_PATIENCE_MS = 5000;

/** When an execution that gets a job now is due again, should nobody claim it. */
export function dueAgainAt({ now }: Transaction): number {
  return now + HINT_PATIENCE_MS;
}

/** A job for the execution. */
export function hint(tx: Transaction, executionId: string): void {
  tx.tables.jobs.set(tx.tables.nextId(), { executionId, takenAt: undefined });
  tx.notify('jobs');
}

interface News {
  readonly executionId: string;
  readonly scheduledEventId: number;
  readonly kind: MailKind;
  readonly body: string;
}

/** One piece of mail, and whoever is to read it is told. */
export function post(tx: Transaction, news: News): void {
  const row = tx.tables.executions.get(news.executionId);
  if (row?.status !== 'RUNNING') return;
  tx.tables.mailbox.push({ id: tx.tables.nextId(), ...news });
  row.signals++;
  if (row.owner !== undefined) tx.notify(`mail ${row.owner}`);
  else {
    row.wakeAt = dueAgainAt(tx);
    hint(tx, row.id);
  }
}

/** An execution has ended: nothing waits for it any more, and its parent hears of it. */
export function clearClosed(tx: Transaction, row: ExecutionRow): void {
  tx.tables.mailbox = tx.tables.mailbox.filter(({ executionId }) => executionId !== row.id);
  for (const [token, { executionId }] of tx.tables.tokens)
    if (executionId === row.id) tx.tables.tokens.delete(token);
  tx.tables.snapshots.delete(row.id);
  orphanChildren(tx, row.id);
  reportEnd(tx, row);
}

function orphanChildren(tx: Transaction, parentId: string): void {
  const isOwn = (child: { parentId: string }): boolean => child.parentId === parentId;
  tx.tables.children = tx.tables.children.filter((child) => !isOwn(child) || child.awaited || child.orphaned);
  const awaited = tx.tables.children.filter((child) => isOwn(child) && child.awaited);
  for (const child of awaited) Object.assign(child, { awaited: false, orphaned: true });
  if (awaited.length > 0) tx.notify('orphans');
}

function reportEnd(tx: Transaction, row: ExecutionRow): void {
  for (const child of tx.tables.children) {
    if (child.executionId !== row.id || !child.awaited) continue;
    child.awaited = false;
    const { parentId: executionId, scheduledEventId } = child;
    const body = JSON.stringify(endedChild(tx, row));
    post(tx, { executionId, scheduledEventId, kind: 'ExecutionEnded', body });
  }
  tx.tables.children = tx.tables.children.filter((child) => child.executionId !== row.id || !child.orphaned);
}

function endedChild(tx: Transaction, row: ExecutionRow): EndedChild {
  return {
    place: placeText(PLACE),
    stateMachineName: tx.tables.revision(row.revisionRowId).stateMachineName,
    name: row.name,
    version: row.version ?? null,
    alias: row.alias ?? null,
    status: row.status as EndedChild['status'],
    startedAt: row.startedAt,
    stoppedAt: row.stoppedAt ?? 0,
    input: inputOf(tx.tables.journalOf(row.id)[0]?.body ?? ''),
    output: row.output ?? null,
    error: row.error ?? null,
    cause: row.cause ?? null,
    traceHeader: row.traceHeader ?? null,
  };
}
