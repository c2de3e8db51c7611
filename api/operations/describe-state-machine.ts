import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { findStateMachine } from '../arns.ts';
import { shownSettings } from '../machine-settings.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * `includedData` makes a difference only to definitions encrypted with a customer's own key.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
 */
export const describeStateMachine: Operation<'DescribeStateMachine'> = async (input, context) => {
  const machine = await findStateMachine(context, input.stateMachineArn);
  return {
    stateMachineArn: stateMachineArn(context.place, machine.name),
    name: machine.name,
    status: machine.status,
    definition: machine.definition,
    roleArn: machine.roleArn,
    type: machine.type,
    creationDate: toTimestamp(machine.createdAt),
    ...shownSettings(machine),
    revisionId: machine.revisionId,
    variableReferences: await context.variableReferences.of(machine.revisionRowId, () => ({
      ...machine,
      stateMachineName: machine.name,
    })),
  };
};
