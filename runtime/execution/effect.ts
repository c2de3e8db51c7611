import type { Payload } from '../data/payload.ts';
import type { TaskResource } from '../machine/resource.ts';
import type { AttemptTrace } from './trace.ts';

/** What the shell must do once the events before it are durable. */
export type Effect =
  | { readonly kind: 'InvokeTask'; readonly task: TaskInvocation }
  /** An activity's task is for its workers to take, from the moment that the events are durable: nothing is sent. */
  | { readonly kind: 'OfferTask'; readonly task: TaskInvocation }
  /** The attempt is over for the execution (timed out, aborted): stop it where that is possible. */
  | { readonly kind: 'CancelTask'; readonly scheduledEventId: number };

/** One attempt of a Task, ready to be sent. */
export interface TaskInvocation {
  readonly scheduledEventId: number;
  readonly executionArn: string;
  /** How many executions have led to this one by starting each other. */
  readonly depth: number;
  /** Undefined: the execution is in no trace. */
  readonly trace: AttemptTrace | undefined;
  readonly stateName: string;
  readonly resource: TaskResource;
  /** The function's payload, or the evaluated Parameters / Arguments. */
  readonly input: Payload;
  readonly roleArn: string | undefined;
  /** ms since 1970; undefined: none. */
  readonly deadline: number | undefined;
  readonly token: string | undefined;
}
