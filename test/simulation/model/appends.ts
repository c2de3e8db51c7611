/** The only way into a journal after its first row: append, and what comes from outside, stop and redrive. */

import type { AppendEntry } from '../../../store/append.ts';
import { drawId } from '../../../store/batch.ts';
import type { Redrive, RedriveOutcome, StopEnd, StoppedExecution } from '../../../store/execution.ts';
import type { AppendOutcome } from '../../../store/lease.ts';
import { redriveRefusal } from '../../../store/redrivability.ts';
import { lastEventTime } from '../../../store/stop.ts';
import { clearClosed, dueAgainAt, hint } from './signals.ts';
import { startChild } from './starts.ts';
import type { ExecutionRow, Transaction } from './tables.ts';

export function append(tx: Transaction, entry: AppendEntry): AppendOutcome {
  const row = tx.tables.executions.get(entry.executionId);
  if (row === undefined) return 'lost';
  const { epoch, seq, appendId, firstEventId, nextEventId, body, end } = entry;
  if (row.epoch !== epoch || row.headSeq !== seq - 1 || row.status !== 'RUNNING')
    return tx.tables.journalOf(row.id).some((other) => other.seq === seq && other.appendId === appendId)
      ? 'won'
      : 'lost';
  Object.assign(row, { headSeq: seq, nextEventId });
  tx.tables.journalOf(row.id).push({ seq, firstEventId, appendId, body, committedAt: tx.now });
  if (end !== undefined) Object.assign(row, end, { owner: undefined, epoch: row.epoch + 1 });
  follow(tx, row, entry);
  if (end !== undefined) clearClosed(tx, row);
  return 'won';
}

function follow(tx: Transaction, { id }: ExecutionRow, entry: AppendEntry): void {
  const { mail, openTokens, closedTokens, children, leftChildren } = entry;
  if (mail.length > 0)
    tx.tables.mailbox = tx.tables.mailbox.filter(
      (piece) => piece.executionId !== id || !mail.includes(piece.id),
    );
  for (const { token, scheduledEventId } of openTokens) {
    if (tx.tables.tokens.has(token)) throw new Error('duplicate key: a token is there already');
    tx.tables.tokens.set(token, { executionId: id, scheduledEventId });
  }
  for (const token of closedTokens)
    if (tx.tables.tokens.get(token)?.executionId === id) tx.tables.tokens.delete(token);
  for (const child of children) startChild(tx, id, child, drawId());
  for (const { scheduledEventId, isOrphan } of leftChildren)
    for (const child of tx.tables.children) {
      if (child.parentId !== id || child.scheduledEventId !== scheduledEventId || !child.awaited) continue;
      Object.assign(child, { awaited: false, orphaned: isOrphan });
      if (isOrphan) tx.notify('orphans');
    }
}

/** What a call to stop writes each time it comes, and where it may have written it. */
export interface AttemptedRow {
  readonly appendId: number;
  /** Undefined: it comes for the first time. */
  readonly seq: number | undefined;
}

export function stop(
  tx: Transaction,
  executionId: string,
  { status, error, cause, body }: StopEnd,
  attempted: AttemptedRow = { appendId: drawId(), seq: undefined },
): StoppedExecution | undefined {
  const row = tx.tables.executions.get(executionId);
  if (row?.status !== 'RUNNING') return undefined;
  const { appendId } = attempted;
  if (tx.tables.journalOf(row.id).some((other) => other.seq === attempted.seq && other.appendId === appendId))
    return undefined;
  const { owner, revisionRowId, nextEventId: eventId } = row;
  row.epoch++;
  if (owner !== undefined) tx.notify(`stopped ${owner} ${row.id} ${row.epoch}`);
  const stoppedAt = Math.max(tx.now, headTime(tx, row));
  const seq = row.headSeq + 1;
  const entry: AppendEntry = {
    ...{ executionId, epoch: row.epoch, seq, appendId, firstEventId: eventId },
    ...{ nextEventId: eventId + 1, body: body(eventId, stoppedAt) },
    ...{ mail: [], openTokens: [], closedTokens: [], children: [], leftChildren: [] },
    end: { status, stoppedAt, output: undefined, error, cause },
  };
  append(tx, entry);
  return { stoppedAt, eventId, seq, revisionRowId, wasOwned: owner !== undefined };
}

const REPEATED_MS = 15 * 60 * 1000;
const TOKENS_MAX = 10;

export interface RedriveCall {
  /** The client's, or one that only this call has. */
  readonly token: string;
  /** The same for all attempts of the call. */
  readonly appendId: number;
}

export function redrive(
  tx: Transaction,
  executionId: string,
  { body }: Redrive,
  { token, appendId }: RedriveCall,
): RedriveOutcome {
  const row = tx.tables.executions.get(executionId);
  if (row === undefined) return { kind: 'gone' };
  const tokens = tx.tables.redriveTokens.get(row.id) ?? new Map<string, number>();
  const repeatedAt = tokens.get(token);
  if (repeatedAt !== undefined && repeatedAt > tx.now - REPEATED_MS)
    return { kind: 'redriven', redrivenAt: repeatedAt };
  const earlier = tx.tables.journalOf(row.id).find((one) => one.appendId === appendId);
  if (earlier !== undefined)
    return {
      kind: 'redriven',
      redrivenAt: lastEventTime({ head_first_event_id: earlier.firstEventId, head_body: earlier.body }),
    };
  const refusal = refusalOf(tx, row);
  if (refusal !== undefined) return { kind: 'refused', refusal };
  const redrivenAt = Math.max(tx.now, headTime(tx, row));
  const redriveCount = row.redriveCount + 1;
  const appended = {
    seq: row.headSeq + 1,
    firstEventId: row.nextEventId,
    appendId,
    committedAt: tx.now,
  };
  const text = body({ id: row.nextEventId, time: redrivenAt, redriveCount });
  tx.tables.journalOf(row.id).push({ ...appended, body: text });
  Object.assign(row, {
    ...{ earlierOpenMs: openMs(row, tx.now), redriveCount, redrivenAt, wakeAt: dueAgainAt(tx) },
    ...{ status: 'RUNNING', stoppedAt: undefined, output: undefined, error: undefined, cause: undefined },
    ...{ epoch: row.epoch + 1, headSeq: row.headSeq + 1, nextEventId: row.nextEventId + 1 },
  });
  tokens.set(token, redrivenAt);
  const kept = [...tokens].sort(([, a], [, b]) => b - a).slice(0, TOKENS_MAX);
  tx.tables.redriveTokens.set(row.id, new Map(kept));
  hint(tx, row.id);
  return { kind: 'redriven', redrivenAt };
}

function refusalOf(tx: Transaction, row: ExecutionRow): ReturnType<typeof redriveRefusal> {
  return redriveRefusal({
    status: row.status,
    machine_status: 'ACTIVE',
    next_event_id: row.nextEventId,
    first_body: tx.tables.journalOf(row.id)[0]?.body ?? '',
    open_ms: openMs(row, tx.now),
    closed_ms: row.stoppedAt === undefined ? null : tx.now - row.stoppedAt,
  });
}

function openMs({ earlierOpenMs, stoppedAt, redrivenAt, startedAt }: ExecutionRow, now: number): number {
  return earlierOpenMs + (stoppedAt ?? now) - (redrivenAt ?? startedAt);
}

function headTime(tx: Transaction, { id }: ExecutionRow): number {
  const head = tx.tables.journalOf(id).at(-1);
  return lastEventTime({ head_first_event_id: head?.firstEventId ?? 0, head_body: head?.body ?? '' });
}
