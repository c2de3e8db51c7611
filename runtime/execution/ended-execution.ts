import { type Json, type JsonObject, parseJson } from '../data/json.ts';
import { Payload } from '../data/payload.ts';
import type { ExecutionStatus } from './execution.ts';

/** An execution that a task has waited for, at its end. */
export interface EndedExecution {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  /** What it was started through, if not the state machine itself. */
  readonly stateMachineVersionArn: string | undefined;
  readonly stateMachineAliasArn: string | undefined;
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  /** ms since 1970. */
  readonly startTime: number;
  readonly stopTime: number;
  /** JSON text, as is the output. */
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly traceHeader: string | undefined;
}

const INCLUDED = { Included: true };

/**
 * What DescribeExecution tells of it, in the form of a task's result: members in alphabetical order, those that are
 * not there left out.
 * @param syncVersion of `.sync` the input and the output are texts, of `.sync:2` the data themselves
 */
export function describeEnded(ended: EndedExecution, syncVersion: 1 | 2): Payload {
  const data = (text: string): Json => (syncVersion === 1 ? text : parseJson(text));
  const { output } = ended;
  const members: Record<string, Json | undefined> = {
    Cause: ended.cause,
    Error: ended.error,
    ExecutionArn: ended.executionArn,
    Input: data(ended.input),
    InputDetails: INCLUDED,
    Name: ended.name,
    Output: output === undefined ? undefined : data(output),
    OutputDetails: output === undefined ? undefined : INCLUDED,
    StartDate: ended.startTime,
    StateMachineAliasArn: ended.stateMachineAliasArn,
    StateMachineArn: ended.stateMachineArn,
    StateMachineVersionArn: ended.stateMachineVersionArn,
    Status: ended.status,
    StopDate: ended.stopTime,
    TraceHeader: ended.traceHeader,
  };
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return Payload.fromValue(Object.fromEntries(present) as JsonObject);
}
