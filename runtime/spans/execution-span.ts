/** What an execution looks like in a distributed trace: spans that its journal alone tells, each when it has ended. */
import type { ExecutionStatus } from '../execution/execution.ts';
import type { Failure } from '../failures/failure.ts';
import type { StateType } from '../machine/machine.ts';
import type { TaskResource } from '../machine/resource.ts';

/**
 * How it ended. `caught`: its failure was handled by the state's own Catch. `aborted`: it was cut short by a failure
 * elsewhere, or by the end of the execution.
 */
export type SpanOutcome = 'succeeded' | 'caught' | 'failed' | 'timed-out' | 'aborted';

interface Span {
  /** 16 hexadecimal digits, as is the parent's. */
  readonly id: string;
  /** Undefined: it has none. */
  readonly parentId: string | undefined;
  /** Of the event that it began with. Not of a retry wait: there it is the failing event. */
  readonly eventId: number;
  /** ms since 1970, as is the end. */
  readonly startTime: number;
  readonly endTime: number;
  readonly outcome: SpanOutcome;
  /** What it ended with, or what was caught. */
  readonly failure: Failure | undefined;
}

/** An execution from its start, or from a redrive, to its end. */
export interface RunSpan extends Span {
  readonly kind: 'execution';
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly redriveCount: number;
}

export interface StateSpan extends Span {
  readonly kind: 'state';
  readonly state: string;
  readonly stateType: StateType;
  readonly retryCount: number;
}

/** An attempt of a Task, from its Scheduled event to its result. */
export interface AttemptSpan extends Span {
  readonly kind: 'attempt';
  readonly state: string;
  readonly resource: TaskResource;
  /** How many attempts there were before. */
  readonly retryCount: number;
  /** When it was begun, and when the service took it on; ms since 1970. */
  readonly startedTime: number | undefined;
  readonly submittedTime: number | undefined;
  /** The execution that it has started, where its result tells. */
  readonly childExecutionArn: string | undefined;
}

export interface RetryWaitSpan extends Span {
  readonly kind: 'retry-wait';
  readonly state: string;
  /** Which retry of the state it leads to: 1 for the first. */
  readonly retryCount: number;
}

export interface IterationSpan extends Span {
  readonly kind: 'iteration';
  /** The Map state. */
  readonly state: string;
  readonly index: number;
}

export type ExecutionSpan = RunSpan | StateSpan | AttemptSpan | RetryWaitSpan | IterationSpan;
