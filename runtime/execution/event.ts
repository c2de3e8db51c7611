/**
 * The events of an execution's journal: AWS's history events, each with what the fold needs and AWS does not
 * show in one private field, plus a few internal records that AWS has no event for.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
import type { Payload } from '../data/payload.ts';
import type { Failure } from '../failures/failure.ts';
import type { StateType } from '../machine/machine.ts';
import type { BranchId, ExecutionIdentity, Handling } from './execution.ts';
import type { ExecutionLimits } from './limits.ts';

/** Version of the private fields. A worker refuses a journal that is newer than its own. */
export const JOURNAL_VERSION = 4;

interface Resource {
  readonly resourceType: string;
  readonly resource: string;
}
interface TaskCredentials {
  readonly roleArn: string;
}
interface Attempt {
  /** ms since 1970. */
  readonly deadline?: number;
  readonly heartbeatSeconds?: number;
  /** Present when the task can be answered by its token. */
  readonly token?: string;
}
interface Handled {
  /** What Retry and Catch make of the failure. */
  readonly handling: Handling;
}
type None = Record<never, never>;

/** Event type → what AWS shows (details) and what it does not (private). */
interface Shapes
  extends Record<
      `${Exclude<StateType, 'Wait' | 'Fail'>}StateEntered`,
      [{ name: string; input: Payload }, None]
    >,
    Record<`${Exclude<StateType, 'Fail'>}StateExited`, [Exited, { next: string | null }]>,
    Record<
      | 'LambdaFunctionFailed'
      | 'LambdaFunctionTimedOut'
      | 'LambdaFunctionScheduleFailed'
      | 'LambdaFunctionStartFailed',
      [Failure, Handled]
    >,
    Record<'ActivityFailed' | 'ActivityTimedOut' | 'ActivityScheduleFailed', [Failure, Handled]>,
    Record<
      'TaskFailed' | 'TaskTimedOut' | 'TaskStartFailed' | 'TaskSubmitFailed',
      [Resource & Failure, Handled]
    >,
    Record<
      'TaskStateAborted' | 'WaitStateAborted' | 'ParallelStateAborted' | 'MapStateAborted',
      [None, None]
    >,
    Record<
      'MapIterationSucceeded' | 'MapIterationFailed' | 'MapIterationAborted',
      [{ name: string; index: number }, None]
    > {
  ExecutionStarted: [
    { input: Payload; roleArn: string; stateMachineAliasArn?: string; stateMachineVersionArn?: string },
    {
      version: number;
      startAt: string;
      identity: ExecutionIdentity;
      deadline?: number;
      /** Of an extended state machine. */
      limits?: ExecutionLimits;
    },
  ];
  ExecutionSucceeded: [{ output: Payload }, None];
  ExecutionFailed: [Failure, None];
  ExecutionAborted: [Failure, None];
  ExecutionTimedOut: [Failure, None];
  ExecutionRedriven: [
    { redriveCount: number },
    {
      /** The journal may have been begun by an older program. */
      version: number;
      /** TimeoutSeconds of the machine, counted anew. */
      deadline?: number;
    },
  ];
  WaitStateEntered: [{ name: string; input: Payload }, { until?: number }];
  FailStateEntered: [{ name: string; input: Payload }, { failure?: Failure }];
  LambdaFunctionScheduled: [
    { resource: string; input: Payload; timeoutInSeconds?: number; taskCredentials?: TaskCredentials },
    Attempt,
  ];
  LambdaFunctionStarted: [None, None];
  LambdaFunctionSucceeded: [{ output: Payload }, None];
  ActivityScheduled: [
    { resource: string; input: Payload; timeoutInSeconds?: number; heartbeatInSeconds?: number },
    Attempt,
  ];
  /** Its clocks start anew: ms since 1970. */
  ActivityStarted: [{ workerName?: string }, { deadline?: number; heartbeatDeadline?: number }];
  ActivitySucceeded: [{ output: Payload }, None];
  TaskScheduled: [
    Resource & {
      region: string;
      parameters: Payload;
      timeoutInSeconds?: number;
      heartbeatInSeconds?: number;
      taskCredentials?: TaskCredentials;
    },
    Attempt,
  ];
  TaskStarted: [Resource, None];
  TaskSubmitted: [Resource & { output: Payload }, None];
  TaskSucceeded: [Resource & { output: Payload }, None];
  ParallelStateStarted: [None, { startAt: readonly string[]; input: Payload }];
  ParallelStateSucceeded: [None, None];
  ParallelStateFailed: [None, Handled & { failure: Failure }];
  MapStateStarted: [{ length: number }, { items: Payload; concurrency: number }];
  MapStateSucceeded: [None, None];
  MapStateFailed: [None, Handled & { failure: Failure }];
  /** Belongs to the new branch; `parent` is the Map's. */
  MapIterationStarted: [
    { name: string; index: number },
    { parent: BranchId; startAt: string; input: Payload },
  ];
  /** Without `handling` when a MapStateFailed or ParallelStateFailed follows, which carries it. */
  EvaluationFailed: [{ state: string; error: string; cause: string; location?: string }, Partial<Handled>];

  /** Internal: a Parallel or Map will run again after a delay; its open branches are gone. */
  RetryScheduled: [None, { retrier: number; until: number }];
  /** Internal: SendTaskHeartbeat for the task this branch waits for. */
  HeartbeatReceived: [None, None];
  /** Internal: the answer of a task token came before the request that carries it had returned. */
  CallbackReceived: [None, { output?: Payload; failure?: Failure }];
}

/** `assignedVariables` shows each variable as JSON text, which is how they are kept here too. */
interface Exited {
  readonly name: string;
  readonly output: Payload;
  readonly assignedVariables?: Readonly<Record<string, Payload>>;
}

export type EventType = keyof Shapes;
export type InternalEventType = 'RetryScheduled' | 'HeartbeatReceived' | 'CallbackReceived';

export type JournalEventOf<T extends EventType> = {
  readonly type: T;
  /** Consecutive from 1 within one execution; 0 for internal records, which have no id. */
  readonly id: number;
  readonly previousEventId: number;
  /** ms since 1970. */
  readonly timestamp: number;
  /** The branch that the event belongs to; 0 is the execution's own line. */
  readonly branch: BranchId;
  readonly details: Readonly<Shapes[T][0]>;
  readonly private: Readonly<Shapes[T][1]>;
};

export type JournalEvent = { [T in EventType]: JournalEventOf<T> }[EventType];
export type Details<T extends EventType> = Shapes[T][0];
export type Private<T extends EventType> = Shapes[T][1];
