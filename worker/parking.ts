/** What a parked execution leaves in its row, and beside its journal. */
import { type Execution, FOLD_VERSION, snapshot } from '../runtime/index.ts';
import type { Snapshot } from '../store/lease.ts';
import type { ActivationContext } from './activation-context.ts';
import type { Lease } from './lease.ts';

/**
 * A far deadline is woken for this much early, and then waited for in memory: so it is met to the millisecond,
 * though parked executions are only looked at twice a second.
 */
const WAKE_EARLY_MS = 1000;

/** When it must be woken, ms since 1970; null: only by a signal. */
export function wakeTime(
  { ready }: Execution,
  deadline: number | undefined,
  now: number,
  hotMs: number,
): number | null {
  if (ready.length > 0) return now;
  if (deadline === undefined) return null;
  const isFar = deadline - now > hotMs;
  return isFar ? deadline - Math.min(WAKE_EARLY_MS, hotMs) : deadline;
}

/** Undefined: the journal alone is read as fast. */
export function snapshotIfDue(
  execution: Execution,
  { eventsSinceSnapshot, sizeSinceSnapshot }: Lease,
  { events, characters }: ActivationContext['snapshotAfter'],
): Omit<Snapshot, 'seq'> | undefined {
  if (eventsSinceSnapshot <= events && sizeSinceSnapshot <= characters) return undefined;
  return { version: FOLD_VERSION, body: snapshot(execution) };
}
