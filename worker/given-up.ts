import { type Execution, type Machine, openTasks, type Trigger } from '../runtime/index.ts';
import type { TokenClosing } from '../store/lease.ts';

/**
 * The attempts that wait for an answer, and that the triggers end without one: their calls have failed or were lost, or
 * their time is up. Until the append that says so, an answer may still come, and be acknowledged: so their tokens are
 * closed before it is decided.
 * @param now ms since 1970
 */
export function attemptsGivenUp(
  machine: Machine,
  execution: Execution,
  triggers: readonly Trigger[],
  now: number,
): TokenClosing['attempts'] {
  const failed = new Set(
    triggers.flatMap((trigger) => (trigger.kind === 'TaskFailed' ? trigger.scheduledEventId : [])),
  );
  const isTime = triggers.some(({ kind }) => kind === 'ClockTicked');
  if (failed.size === 0 && !isTime) return [];
  return openTasks(machine, execution).flatMap(({ scheduledEventId, token, isAnswered, deadline }) => {
    const isDue = isTime && deadline !== undefined && deadline <= now;
    if (token === undefined || isAnswered || !(isDue || failed.has(scheduledEventId))) return [];
    return [{ scheduledEventId, token }];
  });
}
