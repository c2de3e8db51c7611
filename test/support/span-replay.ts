/** The spans of a journal, as the processes that took part in it would have told them. */
import {
  type Execution,
  type ExecutionSpan,
  endedSpans,
  evolve,
  fold,
  type JournalEvent,
  type Machine,
  restore,
  snapshot,
} from '../../runtime/index.ts';

/**
 * @param isTakenOver whether another process goes on from a snapshot before the event at this position
 */
export function spansOf(
  machine: Machine,
  journal: readonly JournalEvent[],
  isTakenOver: (position: number) => boolean = () => false,
): ExecutionSpan[] {
  let execution: Execution = fold(journal.slice(0, 1));
  return journal.slice(1).flatMap((event, n) => {
    if (isTakenOver(n + 1)) execution = restore(snapshot(execution));
    const ended = endedSpans(machine, execution, event);
    evolve(execution, event);
    return ended;
  });
}
