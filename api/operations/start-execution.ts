import { randomBytes, randomUUID } from 'node:crypto';
import { executionArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import {
  type ExecutionIdentity,
  type ExecutionLimits,
  type ExecutionStart,
  encodeEvents,
  PORTABLE_LIMITS,
  startedEvent,
} from '../../runtime/index.ts';
import type { NewExecution, StartOutcome, StateMachineRecord } from '../../store/store.ts';
import { findStateMachine } from '../arns.ts';
import { awsError } from '../errors.ts';
import { checkExecutionInput } from '../execution-input.ts';
import { extendedLimits } from '../execution-limits.ts';
import { checkConstraints } from '../model/constraints.ts';
import type { Input } from '../model/shapes.ts';
import { checkName } from '../names.ts';
import { type Operation, type OperationContext, toTimestamp } from './operation.ts';

/**
 * Idempotent by name: a start with the name and the input of a running execution is answered as that start was.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const startExecution: Operation<'StartExecution'> = async (input, context) => {
  const { stateMachineArn: machineArn, name = randomUUID(), input: payload = '{}', traceHeader } = input;
  checkName(name);
  checkExecutionInput(payload);
  const machine = await findStateMachine(context, machineArn);
  const limits = extendedLimits(machine.tags, context.ceilings);
  checkSize(input, limits ?? PORTABLE_LIMITS);
  if (machine.status === 'DELETING') throw awsError('StateMachineDeleting', machineArn);
  if (machine.type === 'EXPRESS')
    throw awsError('UnsupportedOperationException', 'executions of EXPRESS state machines');
  const execution = newExecution(machine, { name, input: payload, traceHeader, limits }, context);
  const outcome = await context.store.executions.start(execution);
  return answer(outcome, execution, { machineArn, arn: executionArn(context.place, machine.name, name) });
};

/**
 * The input was held against the highest limit there is before the machine was known.
 * @throws AwsError ValidationException
 */
function checkSize(request: Input<'StartExecution'>, limits: ExecutionLimits): void {
  if (Buffer.byteLength(request.input ?? '') > limits.maxPayloadBytes)
    checkConstraints(request, 'StartExecutionInput', limits);
}

function newExecution(
  machine: StateMachineRecord,
  { limits, ...start }: Pick<NewExecution, 'name' | 'input' | 'traceHeader'> & Pick<ExecutionStart, 'limits'>,
  { place, now, startPoints }: OperationContext,
): NewExecution {
  const startedAt = now();
  const identity: ExecutionIdentity = {
    executionArn: executionArn(place, machine.name, start.name),
    executionName: start.name,
    stateMachineArn: stateMachineArn(place, machine.name),
    stateMachineName: machine.name,
    region: place.region,
    secret: randomBytes(32).toString('base64url'),
  };
  const { roleArn } = machine;
  const started = startedEvent({
    identity,
    roleArn,
    input: start.input,
    time: startedAt,
    limits,
    ...startPoints.of(machine),
  });
  return {
    ...start,
    stateMachineId: machine.id,
    revisionRowId: machine.revisionRowId,
    startedAt,
    body: encodeEvents([started]),
  };
}

function answer(
  outcome: StartOutcome,
  execution: NewExecution,
  { machineArn, arn }: { machineArn: string; arn: string },
) {
  switch (outcome.kind) {
    case 'started':
      return { executionArn: arn, startDate: toTimestamp(execution.startedAt) };
    case 'exists':
      if (outcome.status !== 'RUNNING' || !outcome.sameInput) throw awsError('ExecutionAlreadyExists', arn);
      return { executionArn: arn, startDate: toTimestamp(outcome.startedAt) };
    case 'deleting':
      throw awsError('StateMachineDeleting', machineArn);
  }
}
