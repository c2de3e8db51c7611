/** The events that the API writes itself: the first of an execution, and those of StopExecution and RedriveExecution. */
import { Payload } from '../data/payload.ts';
import type { Failure } from '../failures/failure.ts';
import { JOURNAL_VERSION, type JournalEvent, type JournalEventOf } from './event.ts';
import type { ExecutionIdentity } from './execution.ts';
import type { ExecutionLimits } from './limits.ts';

export interface ExecutionStart {
  readonly identity: ExecutionIdentity;
  readonly roleArn: string;
  /** JSON text, kept as it is. */
  readonly input: string;
  /** ms since 1970. */
  readonly time: number;
  readonly startAt: string;
  readonly timeoutSeconds: number | undefined;
  /** Where they are not AWS's. */
  readonly limits?: ExecutionLimits | undefined;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
}

/** Event 1 of every execution. */
export function startedEvent(start: ExecutionStart): JournalEventOf<'ExecutionStarted'> {
  const { identity, roleArn, time, startAt, timeoutSeconds, limits } = start;
  const { stateMachineAliasArn, stateMachineVersionArn } = start;
  return {
    type: 'ExecutionStarted',
    id: 1,
    previousEventId: 0,
    timestamp: time,
    branch: 0,
    details: {
      input: Payload.fromText(start.input),
      roleArn,
      ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
      ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
    },
    private: {
      version: JOURNAL_VERSION,
      startAt,
      identity,
      ...(timeoutSeconds !== undefined && { deadline: time + timeoutSeconds * 1000 }),
      ...(limits !== undefined && { limits }),
    },
  };
}

/** What an execution begins with, or begins again. */
export function isBeginning(
  event: JournalEvent,
): event is JournalEventOf<'ExecutionStarted'> | JournalEventOf<'ExecutionRedriven'> {
  return event.type === 'ExecutionStarted' || event.type === 'ExecutionRedriven';
}

/**
 * The last event of a stopped execution. It chains to nothing, so it can be written without folding the journal.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
 */
export function abortedEvent(id: number, time: number, failure: Failure): JournalEvent {
  return {
    type: 'ExecutionAborted',
    id,
    previousEventId: 0,
    timestamp: time,
    branch: 0,
    details: {
      ...(failure.error !== undefined && { error: failure.error }),
      ...(failure.cause !== undefined && { cause: failure.cause }),
    },
    private: {},
  };
}

export interface ExecutionRedrive {
  readonly id: number;
  /** ms since 1970. */
  readonly time: number;
  /** 1 for the first. */
  readonly redriveCount: number;
  /** Of the machine: counted anew. */
  readonly timeoutSeconds: number | undefined;
}

/**
 * Sets a closed execution going again. It chains to the event that closed it.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
 */
export function redrivenEvent({ id, time, redriveCount, timeoutSeconds }: ExecutionRedrive): JournalEvent {
  return {
    type: 'ExecutionRedriven',
    id,
    previousEventId: id - 1,
    timestamp: time,
    branch: 0,
    details: { redriveCount },
    private: {
      version: JOURNAL_VERSION,
      ...(timeoutSeconds !== undefined && { deadline: time + timeoutSeconds * 1000 }),
    },
  };
}
