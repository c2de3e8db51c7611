import { type Effect, type Execution, type Machine, openTasks, type Trigger } from '../runtime/index.ts';
import type { TaskResource } from '../runtime/machine/resource.ts';
import type { LeftChild } from '../store/lease.ts';

const NONE: readonly LeftChild[] = [];

/** The children that a live execution waits for (`.sync`), by the Scheduled events of their tasks. */
export class AwaitedChildren {
  readonly #machine: Machine;
  readonly #execution: Execution;
  readonly #awaited: Set<number>;

  constructor(machine: Machine, execution: Execution) {
    this.#machine = machine;
    this.#execution = execution;
    const jobs = openTasks(machine, execution).filter(({ resource }) => isJob(resource));
    this.#awaited = new Set(jobs.map(({ scheduledEventId }) => scheduledEventId));
  }

  /**
   * Those that are not awaited any more, now that the execution has moved on: left alone if their task was answered by
   * its token, orphans if it is over otherwise.
   * @param triggers what it has reacted to
   * @param effects of the steps it made
   */
  left(triggers: readonly Trigger[], effects: readonly Effect[]): readonly LeftChild[] {
    for (const effect of effects)
      if (effect.kind === 'InvokeTask' && isJob(effect.task.resource))
        this.#awaited.add(effect.task.scheduledEventId);
    if (this.#awaited.size === 0) return NONE;
    const answered = this.#takeAnswered(triggers);
    const orphaned = this.#takeClosed();
    return [
      ...answered.map((scheduledEventId) => ({ scheduledEventId, isOrphan: false })),
      ...orphaned.map((scheduledEventId) => ({ scheduledEventId, isOrphan: true })),
    ];
  }

  /** Of the children that have ended, the database knows already that nobody waits for them. */
  #takeAnswered(triggers: readonly Trigger[]): number[] {
    return triggers.flatMap((trigger) => {
      switch (trigger.kind) {
        case 'ExecutionEnded':
          this.#awaited.delete(trigger.scheduledEventId);
          return [];
        case 'CallbackSucceeded':
        case 'CallbackFailed':
          return this.#awaited.delete(trigger.scheduledEventId) ? trigger.scheduledEventId : [];
        default:
          return [];
      }
    });
  }

  #takeClosed(): number[] {
    const open = new Set(openTasks(this.#machine, this.#execution).map((task) => task.scheduledEventId));
    const closed = [...this.#awaited].filter((scheduledEventId) => !open.has(scheduledEventId));
    for (const scheduledEventId of closed) this.#awaited.delete(scheduledEventId);
    return closed;
  }
}

function isJob(resource: TaskResource): boolean {
  return resource.kind === 'service' && resource.pattern === 'RUN_A_JOB';
}
