import { States } from '../runtime/failures/failure.ts';
import { Payload, type TaskInvocation, type Trigger } from '../runtime/index.ts';
import type { TaskIntegration, TaskResult } from './integration.ts';

/** Calls of one execution's task attempts that are under way. */
export class TaskCalls {
  readonly #open = new Map<number, AbortController>();
  readonly #settled: (trigger: Trigger) => void;
  readonly #faulted: (task: TaskInvocation, error: unknown) => void;

  /**
   * @param settled gets the outcome of each call, unless the call was cancelled
   * @param faulted is told of what an integration throws: a fault of ours, not a failure of the task
   */
  constructor(settled: (trigger: Trigger) => void, faulted: (task: TaskInvocation, error: unknown) => void) {
    this.#settled = settled;
    this.#faulted = faulted;
  }

  get size(): number {
    return this.#open.size;
  }

  send(task: TaskInvocation, integration: TaskIntegration): void {
    const controller = new AbortController();
    this.#open.set(task.scheduledEventId, controller);
    void this.#call(task, integration, controller.signal).then((result) => {
      if (this.#open.get(task.scheduledEventId) !== controller) return;
      this.#open.delete(task.scheduledEventId);
      this.#settled(toTrigger(task.scheduledEventId, result));
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

  async #call(task: TaskInvocation, integration: TaskIntegration, signal: AbortSignal): Promise<TaskResult> {
    const idempotencyKey = `${task.executionArn}#${task.scheduledEventId}`;
    try {
      return await integration.invoke({ ...task, idempotencyKey, signal });
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
