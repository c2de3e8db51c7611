import { randomBytes, randomUUID } from 'node:crypto';
import { executionArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import { type ExecutionIdentity, encodeEvents, startedEvent } from '../../runtime/index.ts';
import type { NewExecution, StartOutcome, StateMachineRecord } from '../../store/store.ts';
import { findStateMachine } from '../arns.ts';
import { awsError } from '../errors.ts';
import { jsonFault } from '../json-fault.ts';
import { checkName } from '../names.ts';
import { type Operation, type OperationContext, toTimestamp } from './operation.ts';

/**
 * Idempotent by name: a start with the name and the input of a running execution is answered as that start was.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const startExecution: Operation<'StartExecution'> = async (input, context) => {
  const { stateMachineArn: machineArn, name = randomUUID(), input: payload = '{}', traceHeader } = input;
  checkName(name);
  checkInput(payload);
  const machine = await findStateMachine(context, machineArn);
  if (machine.status === 'DELETING') throw awsError('StateMachineDeleting', machineArn);
  if (machine.type === 'EXPRESS')
    throw awsError('UnsupportedOperationException', 'executions of EXPRESS state machines');
  const execution = newExecution(machine, { name, input: payload, traceHeader }, context);
  const outcome = await context.store.executions.start(execution);
  return answer(outcome, execution, { machineArn, arn: executionArn(context.place, machine.name, name) });
};

/** @throws AwsError InvalidExecutionInput */
function checkInput(input: string): void {
  const fault = input.trim() === '' ? 'Invalid execution input.' : jsonFault(input);
  if (fault !== undefined) throw awsError('InvalidExecutionInput', fault);
}

function newExecution(
  machine: StateMachineRecord,
  start: Pick<NewExecution, 'name' | 'input' | 'traceHeader'>,
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
