/**
 * What a Task can reach. One folder an integration; registry.ts finds the one that serves a Resource.
 */

import type { TaskInvocation } from '../runtime/execution/effect.ts';
import type { Failure } from '../runtime/failures/failure.ts';
import type { TaskResource } from '../runtime/machine/resource.ts';

/**
 * What happens to an attempt whose worker died between "started" and the result (docs/architecture.md §3):
 * transactional: resumes, its effect was part of the append; reattach: asks or waits again;
 * unknown: it may or may not have been done, so the attempt fails with {@link TaskIntegration.lost}.
 */
export type Recovery = 'transactional' | 'reattach' | 'unknown';

export interface TaskIntegration {
  readonly name: string;
  serves(resource: TaskResource): boolean;
  readonly recovery: Recovery;
  /** What an attempt fails with whose worker died or was stopped: an error that Retry can match. */
  lost(resource: TaskResource): Failure;
  /** Makes the call. Failures of the task are results; anything thrown is a fault of ours, reported as States.Runtime. */
  invoke(task: TaskCall): Promise<TaskResult>;
  close(): Promise<void>;
}

export interface TaskCall extends TaskInvocation {
  /** `<executionArn>#<scheduledEventId>`: the same on every delivery of one attempt. */
  readonly idempotencyKey: string;
  /** Aborted when the attempt times out, is cancelled, or the process gives up on it. */
  readonly signal: AbortSignal;
}

export type TaskResult =
  /** `output` is JSON text. */
  | { readonly kind: 'succeeded'; readonly output: string }
  | { readonly kind: 'failed'; readonly failure: Failure };
