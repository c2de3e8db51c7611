import {
  isTransactional,
  type TaskOutcomes,
  type TransactionalIntegration,
} from '../integrations/integration.ts';
import { toTrigger } from '../integrations/task-calls.ts';
import {
  type Effect,
  type Execution,
  type Machine,
  type OpenTask,
  openTasks,
  type TaskInvocation,
  type Trigger,
} from '../runtime/index.ts';
import type { TaskResource } from '../runtime/machine/resource.ts';
import type { ExecutionStore } from '../store/execution.ts';
import type { ChildStart } from '../store/lease.ts';
import { announcedTask } from './announced-task.ts';
import type { Integrations } from './recovery.ts';

/** Attempts that the next append announces. */
export interface Announcement {
  readonly children: readonly ChildStart[];
  /** What has come of them, once the append has won. */
  outcomes(): Promise<Trigger[]>;
}

interface Surroundings {
  readonly integrations: Integrations;
  readonly executions: Pick<ExecutionStore, 'journal'>;
}

/**
 * The task attempts of a live execution whose effect is part of the append that announces them: prepared before it,
 * told of after it (docs/architecture.md §3).
 */
export class TransactionalTasks {
  readonly #surroundings: Surroundings;
  readonly #executionId: string;
  readonly #execution: Execution;
  /** Announced by a previous owner, who has not told what has come of them. */
  #untold: readonly OpenTask[];

  constructor(surroundings: Surroundings, executionId: string, machine: Machine, execution: Execution) {
    this.#surroundings = surroundings;
    this.#executionId = executionId;
    this.#execution = execution;
    this.#untold = openTasks(machine, execution).filter(
      ({ phase, resource }) => phase === 'started' && this.#integrationOf(resource) !== undefined,
    );
  }

  /** There is something to {@link resume}. */
  get isInterrupted(): boolean {
    return this.#untold.length > 0;
  }

  /**
   * Prepares the attempts that the effects send, as far as they are of this kind; undefined: none is.
   * @param time ms since 1970
   */
  prepare(effects: readonly Effect[], time: number): Promise<Announcement> | undefined {
    if (this.#execution.status !== 'RUNNING') return undefined;
    const tasks = effects.flatMap((effect) =>
      effect.kind === 'InvokeTask' && this.#integrationOf(effect.task.resource) !== undefined
        ? effect.task
        : [],
    );
    if (tasks.length === 0) return undefined;
    const cancelled = new Set(
      effects.flatMap((effect) => (effect.kind === 'CancelTask' ? effect.scheduledEventId : [])),
    );
    return this.#prepare(
      tasks.filter(({ scheduledEventId }) => !cancelled.has(scheduledEventId)),
      time,
    );
  }

  /**
   * Goes on where a previous owner was interrupted: what has come of its attempts, and, of those that have had no
   * effect, a new announcement.
   */
  async resume(time: number): Promise<{ outcomes: Trigger[]; again: Announcement | undefined }> {
    const untold = this.#untold;
    this.#untold = [];
    const found = await Promise.all(
      this.#grouped(untold).map(([integration, tasks]) => {
        const ids = tasks.map(({ scheduledEventId }) => scheduledEventId);
        return integration.recall(this.#announcing(time), ids);
      }),
    );
    const outcomes = found.flatMap(toTriggers);
    const told = new Set(found.flatMap((some) => [...some.keys()]));
    const missing = untold.filter(({ scheduledEventId }) => !told.has(scheduledEventId));
    if (missing.length === 0) return { outcomes, again: undefined };
    const { executions } = this.#surroundings;
    const tasks = await Promise.all(
      missing.map((task) => announcedTask(executions, this.#executionId, this.#execution, task)),
    );
    return { outcomes, again: await this.#prepare(tasks, time) };
  }

  async #prepare(tasks: readonly TaskInvocation[], time: number): Promise<Announcement> {
    const prepared = await Promise.all(
      this.#grouped(tasks).map(([integration, own]) => integration.prepare(this.#announcing(time), own)),
    );
    return {
      children: prepared.flatMap(({ children }) => children),
      outcomes: async () => {
        const outcomes = await Promise.all(prepared.map((part) => part.outcomes()));
        return outcomes.flatMap(toTriggers);
      },
    };
  }

  #announcing(time: number) {
    const { executionArn } = this.#execution.identity;
    return { executionId: this.#executionId, executionArn, time };
  }

  #integrationOf(resource: TaskResource): TransactionalIntegration | undefined {
    const integration = this.#surroundings.integrations.find(resource);
    return integration !== undefined && isTransactional(integration) ? integration : undefined;
  }

  #grouped<Task extends { readonly resource: TaskResource }>(
    tasks: readonly Task[],
  ): [TransactionalIntegration, Task[]][] {
    const groups = Map.groupBy(tasks, ({ resource }) => this.#integrationOf(resource));
    return [...groups].flatMap(([integration, own]) =>
      integration === undefined ? [] : [[integration, own]],
    );
  }
}

function toTriggers(outcomes: TaskOutcomes): Trigger[] {
  return [...outcomes].map(([scheduledEventId, result]) => toTrigger(scheduledEventId, result));
}
