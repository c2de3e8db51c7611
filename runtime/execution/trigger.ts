import type { Payload } from '../data/payload.ts';
import type { Seed } from '../expressions/random.ts';
import type { Failure } from '../failures/failure.ts';
import type { EndedExecution } from './ended-execution.ts';

/** The time and the randomness of a step, drawn by the shell, and what it has found out of the world. */
export interface Moment {
  /** ms since 1970. */
  readonly time: number;
  readonly seed: Seed;
  /** ARNs of the machine's activities that do not exist where the execution is; absent: all exist. */
  readonly missingActivities?: ReadonlySet<string>;
}

/** What makes an execution move. A trigger that no longer fits (a late result) moves nothing. */
export type Trigger =
  /** Go on with whatever can go on. */
  | { readonly kind: 'Proceed' }
  /** Time has come to look at the deadlines: waits, retry delays, timeouts, heartbeats. */
  | { readonly kind: 'ClockTicked' }
  /** The call of a task attempt has returned. Where a job or a token is awaited, a success means: submitted. */
  | { readonly kind: 'TaskSucceeded'; readonly scheduledEventId: number; readonly output: Payload }
  /** `phase` start: the attempt could not be sent at all. */
  | { readonly kind: 'TaskFailed'; readonly scheduledEventId: number; readonly failure: Failure }
  /** SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat. */
  | { readonly kind: 'CallbackSucceeded'; readonly scheduledEventId: number; readonly output: Payload }
  | { readonly kind: 'CallbackFailed'; readonly scheduledEventId: number; readonly failure: Failure }
  | { readonly kind: 'HeartbeatReceived'; readonly scheduledEventId: number }
  /** A worker has taken the task of an activity. */
  | { readonly kind: 'ActivityStarted'; readonly scheduledEventId: number; readonly workerName?: string }
  /** The execution that the task has started, and waits for, has ended. */
  | {
      readonly kind: 'ExecutionEnded';
      readonly scheduledEventId: number;
      readonly execution: EndedExecution;
    };
