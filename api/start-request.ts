import { randomUUID } from 'node:crypto';
import {
  type FoundTarget,
  findStartTarget,
  type StartRequest,
  type StartTarget,
} from '../integrations/states/execution-start.ts';
import { startedTrace } from '../integrations/states/execution-trace.ts';
import { type ExecutionLimits, PORTABLE_LIMITS } from '../runtime/index.ts';
import { invalidPrefix, labelledArn, wrongResourceType } from './arns.ts';
import { awsError } from './errors.ts';
import { checkExecutionInput } from './execution-input.ts';
import { checkConstraints } from './model/constraints.ts';
import { OPERATIONS } from './model/service-model.ts';
import type { Input } from './model/shapes.ts';
import { checkName } from './names.ts';
import type { OperationContext } from './operations/operation.ts';
import { callerContext } from './trace-context.ts';

type Starting = 'StartExecution' | 'StartSyncExecution';

/**
 * What a request to start asks for, of a state machine that takes starts.
 * @throws AwsError for whatever stands in its way, but for the machine's type
 */
export async function readStart(
  operation: Starting,
  given: Input<Starting>,
  context: OperationContext,
): Promise<{ target: StartTarget; request: StartRequest }> {
  const { stateMachineArn: arn, name, input, traceHeader } = given;
  if (name !== undefined) checkName(name);
  if (input !== undefined) checkExecutionInput(input);
  const { startRecords: stateMachines, startPoints, place, ceilings } = context;
  const lookup = { stateMachines, startPoints, place, ceilings };
  const target = targetOf(await findStartTarget(lookup, arn, context.random()), arn);
  checkSize(operation, given, target.limits ?? PORTABLE_LIMITS);
  if (target.status === 'DELETING') throw awsError('StateMachineDeleting', arn);
  const caller = callerContext(traceHeader, context.headers);
  const trace = startedTrace(target.startPoint, caller, context.traceSampler);
  const request = {
    name: name ?? randomUUID(),
    input: input ?? '{}',
    traceHeader,
    time: context.databaseNow(),
    trace,
  };
  return { target, request };
}

/** @throws AwsError InvalidArn, StateMachineDoesNotExist, or ValidationException for a labelled ARN */
function targetOf(found: FoundTarget, arn: string): StartTarget {
  switch (found.kind) {
    case 'found':
      return found.target;
    case 'notAnArn':
      throw invalidPrefix(arn);
    case 'otherResource':
      throw wrongResourceType(found.resourceType);
    case 'labelled':
      throw labelledArn(arn);
    case 'missing':
      throw awsError('StateMachineDoesNotExist', arn);
  }
}

/**
 * The input was held against the highest limit there is before the machine was known.
 * @throws AwsError ValidationException
 */
function checkSize(operation: Starting, given: Input<Starting>, limits: ExecutionLimits): void {
  if (Buffer.byteLength(given.input ?? '') > limits.maxPayloadBytes)
    checkConstraints(given, OPERATIONS[operation].input, limits);
}
