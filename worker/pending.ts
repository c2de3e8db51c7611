/** What a live execution is to react to, and how much of it goes into one append. */
import type { JournalEvent, Trigger } from '../runtime/index.ts';
import type { Mail } from '../store/lease.ts';
import type { UncommittedEffect } from '../store/sql-task.ts';
import { toTrigger } from './mailbox.ts';

/** Triggers that go into one append, so that its row stays of a moderate size. */
const TRIGGERS_PER_APPEND_MAX = 50;

/** Something to react to. */
export interface Pending {
  readonly trigger: Trigger;
  /** Mail that brought the trigger: deleted with the append that folds it. */
  readonly mailId?: string;
  /** Of the attempt whose result the trigger brings: committed with the append that records it, or rolled back. */
  readonly effect?: UncommittedEffect | undefined;
  /** Of what the passing of time has triggered: when it was due, ms since 1970. */
  readonly dueAt?: number;
}

export function toPending(mail: Mail): Pending {
  return { trigger: toTrigger(mail), mailId: mail.id };
}

/** Takes what goes into one append. A result with an effect has one for itself. */
export function takeForAppend(pending: Pending[]): Pending[] {
  const alone = pending.findIndex(({ effect }) => effect !== undefined);
  const count = alone < 0 ? TRIGGERS_PER_APPEND_MAX : Math.max(alone, 1);
  return pending.splice(0, Math.min(count, TRIGGERS_PER_APPEND_MAX));
}

/** What the append of the events commits: nothing, where the result was of no use, or too large. */
export function effectOf(
  taken: readonly Pending[],
  events: readonly JournalEvent[],
): UncommittedEffect | undefined {
  const effect = taken.find((pending) => pending.effect !== undefined)?.effect;
  return effect && events.some(({ type }) => type === 'TaskSucceeded') ? effect : undefined;
}
