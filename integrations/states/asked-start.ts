/** From a task's parameters to the start that it asks for, or to why there can be none. */
import { randomUUID } from 'node:crypto';
import { type ArnPlace, parseArn } from '../../runtime/execution/arn.ts';
import { isName } from '../../runtime/execution/name.ts';
import { type Failure, PORTABLE_LIMITS, readXRayHeader, type TaskInvocation } from '../../runtime/index.ts';
import type { TraceSampler } from '../../telemetry/traces/trace-sampler.ts';
import { executionInputFault } from './execution-input.ts';
import { findStartTarget, type StartLookup, type StartRequest, type StartTarget } from './execution-start.ts';
import { childTrace } from './execution-trace.ts';
import { ARN_FAULTS } from './start-errors.ts';
import { lengthFault, type StartFault, startFault } from './start-failure.ts';
import { readStartParameters, type StartParameters } from './start-parameters.ts';

export interface AskedStart {
  /** As the task names what it starts. */
  readonly targetArn: string;
  readonly target: StartTarget;
  readonly request: StartRequest;
}
export interface Refused {
  readonly failure: Failure;
}

/** Where children are looked for, and whether they are traced. */
export interface ChildLookup extends StartLookup {
  /** Undefined: this process records no traces. */
  readonly traceSampler: TraceSampler | undefined;
}

/** So many executions may start each other, one after the other: more are most likely an endless loop. */
const DEPTH_MAX = 100;

const NAME_LENGTH_MAX = 80;
const TRACE_HEADER_LENGTH_MAX = 256;

/**
 * @param time ms since 1970
 * @param failureOf as the task's integration tells of faults
 */
export async function askedStart(
  task: TaskInvocation,
  time: number,
  lookup: ChildLookup,
  failureOf: (fault: StartFault) => Failure,
): Promise<AskedStart | Refused> {
  const parameters = readStartParameters(task.input);
  if ('failure' in parameters) return parameters;
  const depth = task.depth + 1;
  const fault = parametersFault(parameters) ?? depthFault(depth);
  if (fault !== undefined) return { failure: failureOf(fault) };
  const { stateMachineArn: targetArn, name = randomUUID(), input, traceHeader } = parameters;
  const target = await findTarget(lookup, targetArn);
  if ('code' in target) return { failure: failureOf(target) };
  const refusal = targetFault(target, parameters);
  if (refusal !== undefined) return { failure: failureOf(refusal) };
  const traced = { given: readXRayHeader(traceHeader), attempt: task.trace };
  const trace = childTrace(target.startPoint, traced, lookup.traceSampler);
  return { targetArn, target, request: { name, input, traceHeader, time, depth, trace } };
}

function parametersFault({ name, input, traceHeader }: StartParameters): StartFault | undefined {
  if (name === '') return lengthFault('name', 'greater', 1);
  if (name !== undefined && [...name].length > NAME_LENGTH_MAX)
    return lengthFault('name', 'less', NAME_LENGTH_MAX);
  if (traceHeader !== undefined && [...traceHeader].length > TRACE_HEADER_LENGTH_MAX)
    return lengthFault('traceHeader', 'less', TRACE_HEADER_LENGTH_MAX);
  if (name !== undefined && !isName(name)) return startFault('InvalidName', name);
  const inputFault = executionInputFault(input);
  return inputFault === undefined ? undefined : startFault('InvalidExecutionInput', inputFault);
}

function depthFault(depth: number): StartFault | undefined {
  if (depth <= DEPTH_MAX) return undefined;
  const message = `Executions may start each other ${DEPTH_MAX} levels deep: this one would be at level ${depth}`;
  return startFault('ExecutionLimitExceeded', message);
}

async function findTarget(lookup: StartLookup, arn: string): Promise<StartTarget | StartFault> {
  const found = await findStartTarget(lookup, arn, Math.random());
  switch (found.kind) {
    case 'found':
      return found.target;
    case 'notAnArn':
      return startFault('InvalidArn', ARN_FAULTS.notAnArn(arn));
    case 'otherResource':
      return startFault('InvalidArn', ARN_FAULTS.otherResource(found.resourceType));
    case 'labelled':
      return startFault('ValidationException', ARN_FAULTS.labelled(arn));
    case 'missing':
      return startFault('StateMachineDoesNotExist', arn);
  }
}

function targetFault(
  target: StartTarget,
  { stateMachineArn, input }: StartParameters,
): StartFault | undefined {
  const { maxPayloadBytes } = target.limits ?? PORTABLE_LIMITS;
  if (Buffer.byteLength(input) > maxPayloadBytes) return lengthFault('input', 'less', maxPayloadBytes);
  return target.status === 'DELETING' ? startFault('StateMachineDeleting', stateMachineArn) : undefined;
}

/** Executions start others in their own place only. */
export function placeOf(arn: string): ArnPlace {
  const place = parseArn(arn);
  if (place === undefined) throw new Error(`Not the ARN of an execution: ${arn}`);
  return place;
}
