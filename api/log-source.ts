import { isSamePlace, parseArn, type StatesArn } from '../runtime/execution/arn.ts';
import type { LogStream } from '../store/execution-log.ts';
import {
  findExecution,
  findStateMachine,
  invalidPrefix,
  stateMachineName,
  wrongResourceType,
} from './arns.ts';
import { awsError } from './errors.ts';
import type { OperationContext } from './operations/operation.ts';

/** Whose logs are asked for. */
export interface LogSource {
  readonly stream: LogStream;
  /** Logs outlive what they are of, so this is to be asked only where there are none. @throws AwsError */
  requireExistence(): Promise<unknown>;
}

/** @throws AwsError when there is nothing in the caller's place that the ARN could mean */
export function logSourceOf(context: OperationContext, arn: unknown): LogSource {
  if (typeof arn !== 'string')
    throw awsError('ValidationException', "'arn' must be the ARN of an execution or a state machine");
  const parsed = parseArn(arn);
  if (parsed === undefined) throw invalidPrefix(arn);
  switch (parsed.resourceType) {
    case 'stateMachine':
      if (stateMachineName(context.place, arn) === undefined) throw awsError('StateMachineDoesNotExist', arn);
      return { stream: { of: 'stateMachine', arn }, requireExistence: () => findStateMachine(context, arn) };
    case 'execution':
    case 'express':
      if (!isSamePlace(parsed, context.place)) throw awsError('ExecutionDoesNotExist', arn);
      return {
        stream: { of: 'execution', arn },
        requireExistence: () => requireExecution(context, arn, parsed),
      };
    default:
      throw wrongResourceType(parsed.resourceType);
  }
}

/** Nothing but logs is kept of an Express execution: one that has none may have been, if its state machine is there. */
async function requireExecution(context: OperationContext, arn: string, parsed: StatesArn): Promise<void> {
  if (parsed.resourceType === 'execution') {
    await findExecution(context, arn);
    return;
  }
  const [stateMachine = '', name, id] = parsed.resource.split(':');
  const couldBe = name !== undefined && id !== undefined;
  if (!couldBe || (await context.store.stateMachines.find(context.place, stateMachine)) === undefined)
    throw awsError('ExecutionDoesNotExist', arn);
}
