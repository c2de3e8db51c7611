/**
 * What a Task can reach. One folder an integration; registry.ts finds the one that serves a Resource.
 */

import type { TaskInvocation } from '../runtime/execution/effect.ts';
import type { Failure } from '../runtime/failures/failure.ts';
import type { TaskResource } from '../runtime/machine/resource.ts';
import type { ChildStart } from '../store/lease.ts';
import type { ExecutionOwner, UncommittedEffect } from '../store/sql-task.ts';

/**
 * What happens to an attempt whose worker died between "started" and the result (docs/architecture.md §3):
 * transactional: resumes, its effect was part of the append; reattach: asks or waits again;
 * repeatable: is made again, it has had no effect as long as its result is not in the journal;
 * unknown: it may or may not have been done, so the attempt fails with {@link TaskIntegration.lost}.
 */
export type Recovery = 'transactional' | 'reattach' | 'repeatable' | 'unknown';

export interface TaskIntegration {
  readonly name: string;
  serves(resource: TaskResource): boolean;
  readonly recovery: Recovery;
  /** What an attempt fails with whose worker died or was stopped: an error that Retry can match. */
  lost(resource: TaskResource): Failure;
  /**
   * Makes the call; for a {@link TransactionalIntegration} or a {@link RepeatableIntegration} only where there is no
   * append (TestState). Failures of the task are results; anything thrown is a fault of ours, reported as States.Runtime.
   */
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

/** An integration whose effect is part of the append that announces the attempts: it is there, or it never was. */
export interface TransactionalIntegration extends TaskIntegration {
  readonly recovery: 'transactional';
  /** Attempts that the next append announces. What this throws is a fault of ours: nothing is appended. */
  prepare(execution: AnnouncingExecution, tasks: readonly TaskInvocation[]): Promise<PreparedTasks>;
  /** What has come of attempts that are announced; those that have had no effect are not among them. */
  recall(execution: AnnouncingExecution, scheduledEventIds: readonly number[]): Promise<TaskOutcomes>;
}

/** The execution that attempts belong to. */
export interface AnnouncingExecution {
  readonly executionId: string;
  readonly executionArn: string;
  /** ms since 1970. */
  readonly time: number;
}

export interface PreparedTasks {
  /** What the append must carry. */
  readonly children: readonly ChildStart[];
  /** What has come of each attempt, once the append has won. */
  outcomes(): Promise<TaskOutcomes>;
}

/** By the Scheduled event of the attempt. */
export type TaskOutcomes = ReadonlyMap<number, TaskResult>;

/**
 * An integration whose effect is part of the append that records the result: the two are there, or neither is. Where
 * there is no append, it leaves no effect.
 */
export interface RepeatableIntegration extends TaskIntegration {
  readonly recovery: 'repeatable';
  /** As {@link TaskIntegration.invoke}. Who gets an effect commits it or rolls it back. */
  attempt(task: TaskCall, owner: ExecutionOwner): Promise<TaskResult | UncommittedResult>;
}

/** A result that stands only if the append that records it commits the effect. */
export interface UncommittedResult extends Extract<TaskResult, { kind: 'succeeded' }> {
  readonly effect: UncommittedEffect;
}

export function isRepeatable(integration: TaskIntegration): integration is RepeatableIntegration {
  return integration.recovery === 'repeatable';
}

export function isTransactional(integration: TaskIntegration): integration is TransactionalIntegration {
  return integration.recovery === 'transactional';
}
