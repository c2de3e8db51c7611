import type { JournalEvent } from './event.ts';
import { evolve, opened } from './evolve.ts';
import type { Execution } from './execution.ts';

/**
 * The state that a journal describes.
 * @param from where a snapshot left off; without it the events begin with ExecutionStarted
 */
export function fold(events: readonly JournalEvent[], from?: Execution): Execution {
  if (from !== undefined) return events.reduce(evolve, from);
  const [first] = events;
  if (first?.type !== 'ExecutionStarted')
    throw new Error(`A journal begins with ExecutionStarted, not ${first?.type}`);
  const execution = opened(first);
  for (let i = 1; i < events.length; i++) evolve(execution, events[i] as JournalEvent);
  return execution;
}
