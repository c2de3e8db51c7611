import { isTransactional } from '../integrations/integration.ts';
import { unservedFailure } from '../integrations/registry.ts';
import { TaskCalls } from '../integrations/task-calls.ts';
import {
  type Effect,
  type Execution,
  type Machine,
  type OpenTask,
  openTasks,
  type TaskInvocation,
} from '../runtime/index.ts';
import type { ActivationContext } from './activation-context.ts';
import { announcedTask } from './announced-task.ts';
import type { Lease } from './lease.ts';
import type { Pending } from './pending.ts';
import { lostFailure, openRepeatableTasks } from './recovery.ts';

type Surroundings = Pick<ActivationContext, 'integrations' | 'executions' | 'logger'>;

/**
 * The task attempts of a live execution: sends those that an append has announced, and those of a previous owner that
 * are made again.
 */
export class Attempts {
  readonly #surroundings: Surroundings;
  readonly #executionId: string;
  readonly #machine: Machine;
  readonly #execution: Execution;
  readonly #notify: (outcome: Pending) => void;
  readonly #calls: TaskCalls;
  /** Of a previous owner, to be made again. */
  #repeated: readonly OpenTask[];

  /** @param notify gets the outcome of each attempt, unless that was cancelled */
  constructor(
    surroundings: Surroundings,
    lease: Lease,
    { machine, execution }: { readonly machine: Machine; readonly execution: Execution },
    notify: (outcome: Pending) => void,
  ) {
    this.#surroundings = surroundings;
    this.#executionId = lease.executionId;
    this.#machine = machine;
    this.#execution = execution;
    this.#notify = notify;
    this.#calls = new TaskCalls(
      (trigger, effect) => notify({ trigger, effect }),
      (task, error) => this.#logFault(task, error),
      lease,
    );
    this.#repeated = this.#openRepeatable();
  }

  /** Calls under way. */
  get size(): number {
    return this.#calls.size;
  }

  /** There is something to {@link repeat}. */
  get areInterrupted(): boolean {
    return this.#repeated.length > 0;
  }

  /** The next owner will make some of them again. */
  get outliveOwner(): boolean {
    return this.#openRepeatable().length > 0;
  }

  /** Cancels, then sends; a task that the same steps have begun and given up is not sent. */
  perform(effects: readonly Effect[]): void {
    const cancelled = new Set<number>();
    for (const effect of effects) {
      if (effect.kind !== 'CancelTask') continue;
      cancelled.add(effect.scheduledEventId);
      this.#calls.cancel(effect.scheduledEventId);
    }
    for (const effect of effects)
      if (effect.kind === 'InvokeTask' && !cancelled.has(effect.task.scheduledEventId))
        this.#send(effect.task);
  }

  /** Attempts that a previous owner has announced, and that have had no effect or may have it once more: to be sent. */
  repeat(): Promise<TaskInvocation[]> {
    const open = new Set(
      openTasks(this.#machine, this.#execution).map(({ scheduledEventId }) => scheduledEventId),
    );
    const repeated = this.#repeated.filter(({ scheduledEventId }) => open.has(scheduledEventId));
    this.#repeated = [];
    const { executions } = this.#surroundings;
    return Promise.all(
      repeated.map((task) => announcedTask(executions, this.#executionId, this.#execution, task)),
    );
  }

  /** Calls under way fail as those of a worker that died, or are made again elsewhere. */
  giveUp(): void {
    const { integrations } = this.#surroundings;
    const repeatedIds = new Set(this.#openRepeatable().map(({ scheduledEventId }) => scheduledEventId));
    for (const { scheduledEventId, resource } of openTasks(this.#machine, this.#execution)) {
      if (!this.#calls.cancel(scheduledEventId) || repeatedIds.has(scheduledEventId)) continue;
      const failure = lostFailure(resource, integrations);
      this.#notify({ trigger: { kind: 'TaskFailed', scheduledEventId, failure } });
    }
    this.cancelAll();
  }

  cancelAll(): void {
    this.#calls.cancelAll();
  }

  #send(task: TaskInvocation): void {
    const integration = this.#surroundings.integrations.find(task.resource);
    if (integration === undefined) {
      const { scheduledEventId, resource } = task;
      this.#notify({ trigger: { kind: 'TaskFailed', scheduledEventId, failure: unservedFailure(resource) } });
    } else if (!isTransactional(integration)) this.#calls.send(task, integration);
  }

  #openRepeatable(): OpenTask[] {
    return openRepeatableTasks(this.#machine, this.#execution, this.#surroundings.integrations);
  }

  #logFault(task: TaskInvocation, error: unknown): void {
    const { executionArn, stateName: state, resource } = task;
    this.#surroundings.logger.error(
      { err: error, executionArn, state, resource: resource.arn },
      'an integration threw',
    );
  }
}
