import { States } from '../runtime/failures/failure.ts';
import { Payload, type TaskInvocation, type Trigger } from '../runtime/index.ts';
import type { ExecutionOwner, UncommittedEffect } from '../store/sql-task.ts';
import {
  isRepeatable,
  type TaskIntegration,
  type TaskResult,
  type UncommittedResult,
} from './integration.ts';

/** @param effect of the attempt: it is committed with the append that records the outcome, or rolled back */
type Settled = (trigger: Trigger, effect?: UncommittedEffect) => void;

/** Calls of one execution's task attempts that are under way. */
export class TaskCalls {
  readonly #open = new Map<number, AbortController>();
  readonly #settled: Settled;
  readonly #faulted: (task: TaskInvocation, error: unknown) => void;
  readonly #owner: ExecutionOwner | undefined;

  /**
   * @param settled gets the outcome of each call, unless the call was cancelled
   * @param faulted is told of what an integration throws: a fault of ours, not a failure of the task
   * @param owner who appends the outcomes; absent: nobody does, and nothing is committed with them
   */
  constructor(
    settled: Settled,
    faulted: (task: TaskInvocation, error: unknown) => void,
    owner?: ExecutionOwner,
  ) {
    this.#settled = settled;
    this.#faulted = faulted;
    this.#owner = owner;
  }

  get size(): number {
    return this.#open.size;
  }

  send(task: TaskInvocation, integration: TaskIntegration): void {
    const controller = new AbortController();
    this.#open.set(task.scheduledEventId, controller);
    void this.#call(task, integration, controller.signal).then((result) => {
      const effect = 'effect' in result ? result.effect : undefined;
      if (this.#open.get(task.scheduledEventId) !== controller) return void effect?.rollback();
      this.#open.delete(task.scheduledEventId);
      this.#settled(toTrigger(task.scheduledEventId, result), effect);
    });
  }

  /** False: no such call is under way. */
  cancel(scheduledEventId: number): boolean {
    const controller = this.#open.get(scheduledEventId);
    controller?.abort();
    return this.#open.delete(scheduledEventId);
  }

  cancelAll(): void {
    for (const scheduledEventId of [...this.#open.keys()]) this.cancel(scheduledEventId);
  }

  async #call(
    task: TaskInvocation,
    integration: TaskIntegration,
    signal: AbortSignal,
  ): Promise<TaskResult | UncommittedResult> {
    const call = { ...task, idempotencyKey: `${task.executionArn}#${task.scheduledEventId}`, signal };
    try {
      return this.#owner !== undefined && isRepeatable(integration)
        ? await integration.attempt(call, this.#owner)
        : await integration.invoke(call);
    } catch (error) {
      if (!signal.aborted) this.#faulted(task, error);
      const cause = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', failure: { error: States.Runtime, cause } };
    }
  }
}

export function toTrigger(scheduledEventId: number, result: TaskResult): Trigger {
  return result.kind === 'succeeded'
    ? { kind: 'TaskSucceeded', scheduledEventId, output: Payload.fromText(result.output) }
    : { kind: 'TaskFailed', scheduledEventId, failure: result.failure };
}
