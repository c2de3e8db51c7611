import { randomUUID } from 'node:crypto';
import { newExecution } from '../../integrations/states/execution-start.ts';
import { executionArn } from '../../runtime/execution/arn.ts';
import { type ExecutionLimits, PORTABLE_LIMITS } from '../../runtime/index.ts';
import type { NewExecution, StartOutcome } from '../../store/store.ts';
import { awsError } from '../errors.ts';
import { checkExecutionInput } from '../execution-input.ts';
import { checkConstraints } from '../model/constraints.ts';
import type { Input } from '../model/shapes.ts';
import { checkName } from '../names.ts';
import { findTarget } from '../start-target.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * Idempotent by name: a start with the name and the input of a running execution is answered as that start was.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const startExecution: Operation<'StartExecution'> = async (input, context) => {
  const { stateMachineArn: machineArn, name = randomUUID(), input: payload = '{}', traceHeader } = input;
  checkName(name);
  checkExecutionInput(payload);
  const target = await findTarget(context, machineArn);
  checkSize(input, target.limits ?? PORTABLE_LIMITS);
  if (target.status === 'DELETING') throw awsError('StateMachineDeleting', machineArn);
  if (target.type === 'EXPRESS')
    throw awsError('UnsupportedOperationException', 'executions of EXPRESS state machines');
  const { place } = context;
  const execution = newExecution(target, { name, input: payload, traceHeader, time: context.now() }, place);
  const outcome = await context.store.executions.start(execution);
  return answer(outcome, execution, { machineArn, arn: executionArn(place, target.stateMachineName, name) });
};

/**
 * The input was held against the highest limit there is before the machine was known.
 * @throws AwsError ValidationException
 */
function checkSize(request: Input<'StartExecution'>, limits: ExecutionLimits): void {
  if (Buffer.byteLength(request.input ?? '') > limits.maxPayloadBytes)
    checkConstraints(request, 'StartExecutionInput', limits);
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
