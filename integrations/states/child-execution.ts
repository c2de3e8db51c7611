/** From a task's parameters to the execution that it starts, or to why there can be none. */
import { randomUUID } from 'node:crypto';
import type { ArnPlace } from '../../runtime/execution/arn.ts';
import { isName } from '../../runtime/execution/name.ts';
import {
  encodeEvents,
  type Failure,
  PORTABLE_LIMITS,
  readXRayHeader,
  type TaskInvocation,
} from '../../runtime/index.ts';
import type { TaskResource } from '../../runtime/machine/resource.ts';
import type { NewExecution, NewExpressExecution } from '../../store/store.ts';
import type { TraceSampler } from '../../telemetry/traces/trace-sampler.ts';
import { executionInputFault } from './execution-input.ts';
import {
  findStartTarget,
  newExecution,
  newExpressExecution,
  type StartLookup,
  type StartRequest,
  type StartTarget,
} from './execution-start.ts';
import { childTrace } from './execution-trace.ts';
import { ARN_FAULTS } from './start-errors.ts';
import { lengthFailure, startFailure } from './start-failure.ts';
import { readStartParameters, type StartParameters } from './start-parameters.ts';

/** An execution that a task starts. */
export interface Child {
  /** As the task names what it starts. */
  readonly targetArn: string;
  readonly stateMachineName: string;
  readonly execution: NewExecution;
}
/** An Express execution that a task starts: at least once, since no append can carry it. */
export interface ExpressChild {
  readonly targetArn: string;
  readonly arn: string;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly express: NewExpressExecution;
}
interface Refused {
  readonly failure: Failure;
}

/** So many executions may start each other, one after the other: more are most likely an endless loop. */
const DEPTH_MAX = 100;

const NAME_LENGTH_MAX = 80;
const TRACE_HEADER_LENGTH_MAX = 256;

/** Where children are looked for, and whether they are traced. */
export interface ChildLookup extends StartLookup {
  /** Undefined: this process records no traces. */
  readonly traceSampler: TraceSampler | undefined;
}

/** @param time ms since 1970 */
export async function newChild(
  task: TaskInvocation,
  time: number,
  lookup: ChildLookup,
): Promise<Child | ExpressChild | Refused> {
  const parameters = readStartParameters(task.input);
  if ('failure' in parameters) return parameters;
  const depth = task.depth + 1;
  const fault = parametersFault(parameters) ?? depthFault(depth);
  if (fault !== undefined) return { failure: fault };
  const { stateMachineArn: targetArn, name = randomUUID(), input, traceHeader } = parameters;
  const target = await findTarget(lookup, targetArn);
  if ('failure' in target) return target;
  const failure = targetFault(target, parameters, task.resource);
  if (failure !== undefined) return { failure };
  const traced = { given: readXRayHeader(traceHeader), attempt: task.trace };
  const trace = childTrace(target.startPoint, traced, lookup.traceSampler);
  const request = { name, input, traceHeader, time, depth, trace };
  if (target.type === 'EXPRESS') return expressChild(targetArn, target, request, lookup.place);
  const execution = newExecution(target, request, lookup.place);
  return { targetArn, stateMachineName: target.stateMachineName, execution };
}

function expressChild(
  targetArn: string,
  target: StartTarget,
  request: StartRequest,
  place: ArnPlace,
): ExpressChild {
  const { stateMachineId, revisionRowId } = target;
  const { id, arn, started } = newExpressExecution(target, request, place);
  const express = { id, stateMachineId, revisionRowId, body: encodeEvents([started]) };
  return { targetArn, arn, startedAt: request.time, express };
}

function parametersFault({ name, input, traceHeader }: StartParameters): Failure | undefined {
  if (name === '') return lengthFailure('name', 'greater', 1);
  if (name !== undefined && [...name].length > NAME_LENGTH_MAX)
    return lengthFailure('name', 'less', NAME_LENGTH_MAX);
  if (traceHeader !== undefined && [...traceHeader].length > TRACE_HEADER_LENGTH_MAX)
    return lengthFailure('traceHeader', 'less', TRACE_HEADER_LENGTH_MAX);
  if (name !== undefined && !isName(name)) return startFailure('InvalidName', name);
  const inputFault = executionInputFault(input);
  return inputFault === undefined ? undefined : startFailure('InvalidExecutionInput', inputFault);
}

function depthFault(depth: number): Failure | undefined {
  if (depth <= DEPTH_MAX) return undefined;
  const message = `Executions may start each other ${DEPTH_MAX} levels deep: this one would be at level ${depth}`;
  return startFailure('ExecutionLimitExceeded', message);
}

async function findTarget(lookup: StartLookup, arn: string): Promise<StartTarget | Refused> {
  const found = await findStartTarget(lookup, arn, Math.random());
  switch (found.kind) {
    case 'found':
      return found.target;
    case 'notAnArn':
      return { failure: startFailure('InvalidArn', ARN_FAULTS.notAnArn(arn)) };
    case 'otherResource':
      return { failure: startFailure('InvalidArn', ARN_FAULTS.otherResource(found.resourceType)) };
    case 'labelled':
      return { failure: startFailure('ValidationException', ARN_FAULTS.labelled(arn)) };
    case 'missing':
      return { failure: startFailure('StateMachineDoesNotExist', arn) };
  }
}

function targetFault(
  target: StartTarget,
  { stateMachineArn, input }: StartParameters,
  resource: TaskResource,
): Failure | undefined {
  const { maxPayloadBytes } = target.limits ?? PORTABLE_LIMITS;
  if (Buffer.byteLength(input) > maxPayloadBytes) return lengthFailure('input', 'less', maxPayloadBytes);
  if (target.status === 'DELETING') return startFailure('StateMachineDeleting', stateMachineArn);
  if (target.type === 'EXPRESS' && isAwaited(resource)) return startFailure('StateMachineTypeNotSupported');
  return undefined;
}

/** `.sync` and `.sync:2` go on when the child has ended. */
export function isAwaited(resource: TaskResource): boolean {
  return resource.kind === 'service' && resource.pattern === 'RUN_A_JOB';
}
