/** What becomes of a Parallel or Map and of the branches within it, as long as nothing fails; used by evolve alone. */
import { branchOf, chain, makeReady, mapRunOf, open, remove, unready } from './branches.ts';
import type { JournalEventOf } from './event.ts';
import type { Execution } from './execution.ts';

export function parallelStarted(execution: Execution, event: JournalEventOf<'ParallelStateStarted'>): void {
  const parent = chain(execution, event);
  const { startAt, input } = event.private;
  parent.activity = {
    kind: 'parallel',
    startedEventId: event.id,
    outputs: startAt.map(() => null),
    open: startAt.length,
  };
  for (const [index, state] of startAt.entries()) open(execution, parent, index, state, input, event);
}

export function mapStarted(execution: Execution, event: JournalEventOf<'MapStateStarted'>): void {
  const parent = chain(execution, event);
  const { length } = event.details;
  const { items, concurrency } = event.private;
  parent.activity = {
    kind: 'map',
    startedEventId: event.id,
    items,
    length,
    concurrency,
    started: 0,
    outputs: Array.from({ length }, () => null),
    open: 0,
    lastBodyEventId: event.id,
  };
  makeReady(execution, parent.id);
}

export function iterationStarted(execution: Execution, event: JournalEventOf<'MapIterationStarted'>): void {
  const parent = branchOf(execution, event.private.parent);
  const run = mapRunOf(parent);
  unready(execution, parent.id);
  run.started++;
  run.open++;
  open(execution, parent, event.details.index, event.private.startAt, event.private.input, event);
}

export function iterationSucceeded(
  execution: Execution,
  event: JournalEventOf<'MapIterationSucceeded'>,
): void {
  const iteration = branchOf(execution, event.branch);
  const parent = branchOf(execution, iteration.parent ?? 0);
  const run = mapRunOf(parent);
  run.outputs[iteration.index] = iteration.activity.kind === 'ended' ? iteration.activity.output : null;
  run.open--;
  run.lastBodyEventId = iteration.lastEventId;
  parent.lastEventId = event.id;
  remove(execution, iteration.id);
  if (run.started < run.length || run.open === 0) makeReady(execution, parent.id);
}
