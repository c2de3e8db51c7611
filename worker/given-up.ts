import { type Execution, type Machine, openTasks, type Trigger } from '../runtime/index.ts';
import type { TokenClosing } from '../store/lease.ts';
import type { Pending } from './pending.ts';

const NONE: TokenClosing['attempts'] = [];
const GIVING_UP: ReadonlySet<Trigger['kind']> = new Set<Trigger['kind']>(['TaskFailed', 'ClockTicked']);

/**
 * The attempts that wait for an answer, and that what has come ends without one: their calls have failed or were lost, or
 * their time is up. Until the append that says so, an answer may still come, and be acknowledged: so their tokens are
 * closed before it is decided.
 * @param now ms since 1970
 */
export function attemptsGivenUp(
  machine: Machine,
  execution: Execution,
  pending: readonly Pending[],
  now: number,
): TokenClosing['attempts'] {
  if (!pending.some(({ trigger }) => GIVING_UP.has(trigger.kind))) return NONE;
  const failed = new Set(
    pending.flatMap(({ trigger }) => (trigger.kind === 'TaskFailed' ? trigger.scheduledEventId : [])),
  );
  const isTime = pending.some(({ trigger }) => trigger.kind === 'ClockTicked');
  return openTasks(machine, execution).flatMap(({ scheduledEventId, token, isAnswered, deadline }) => {
    const isDue = isTime && deadline !== undefined && deadline <= now;
    if (token === undefined || isAnswered || !(isDue || failed.has(scheduledEventId))) return [];
    return [{ scheduledEventId, token }];
  });
}
