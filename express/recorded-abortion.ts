import { abortedEvent, evolve, type Failure, fold } from '../runtime/index.ts';
import type { ExpressStart, ExpressWorld } from './express-execution.ts';

/** Shows to whoever watches that an execution has ended without being run. */
export function recordAbortion(
  { revision, started }: ExpressStart,
  world: Pick<ExpressWorld, 'watcher' | 'now'>,
  failure: Failure,
): void {
  const execution = fold([started]);
  const watch = world.watcher.watch(execution, revision);
  watch.record([started]);
  const event = abortedEvent(started.id + 1, world.now(), failure);
  evolve(execution, event);
  watch.record([event]);
}
