import { findStartTarget, type StartTarget } from '../integrations/states/execution-start.ts';
import { invalidPrefix, labelledArn, wrongResourceType } from './arns.ts';
import { awsError } from './errors.ts';
import type { OperationContext } from './operations/operation.ts';

/**
 * What a start by the ARN of a state machine, a version or an alias means.
 * @throws AwsError InvalidArn, StateMachineDoesNotExist, or ValidationException for a labelled ARN
 */
export async function findTarget(context: OperationContext, arn: string): Promise<StartTarget> {
  const { stateMachines } = context.store;
  const found = await findStartTarget({ ...context, stateMachines }, arn, context.random());
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
