import { awsError } from '../errors.ts';
import { payloadBytesMax } from '../execution-limits.ts';
import { checkConstraints } from '../model/constraints.ts';
import { deserialize } from '../model/deserialize.ts';
import { OPERATIONS } from '../model/service-model.ts';
import type { Input, OperationName, Output } from '../model/shapes.ts';
import { createStateMachine } from './create-state-machine.ts';
import { deleteStateMachine } from './delete-state-machine.ts';
import { describeExecution } from './describe-execution.ts';
import { describeStateMachine } from './describe-state-machine.ts';
import { describeStateMachineForExecution } from './describe-state-machine-for-execution.ts';
import { getExecutionHistory } from './get-execution-history.ts';
import { listExecutions } from './list-executions.ts';
import { listStateMachines } from './list-state-machines.ts';
import { listTagsForResource } from './list-tags-for-resource.ts';
import type { Operation, OperationContext } from './operation.ts';
import { sendTaskFailure } from './send-task-failure.ts';
import { sendTaskHeartbeat } from './send-task-heartbeat.ts';
import { sendTaskSuccess } from './send-task-success.ts';
import { startExecution } from './start-execution.ts';
import { stopExecution } from './stop-execution.ts';
import { tagResource } from './tag-resource.ts';
import { testState } from './test-state.ts';
import { untagResource } from './untag-resource.ts';
import { updateStateMachine } from './update-state-machine.ts';
import { validateStateMachineDefinition } from './validate-state-machine-definition.ts';

/** The operations that this version has; the others of the model answer UnsupportedOperationException. */
const operations: { readonly [Name in OperationName]?: Operation<Name> } = {
  CreateStateMachine: createStateMachine,
  DeleteStateMachine: deleteStateMachine,
  DescribeExecution: describeExecution,
  DescribeStateMachine: describeStateMachine,
  DescribeStateMachineForExecution: describeStateMachineForExecution,
  GetExecutionHistory: getExecutionHistory,
  ListExecutions: listExecutions,
  ListStateMachines: listStateMachines,
  ListTagsForResource: listTagsForResource,
  SendTaskFailure: sendTaskFailure,
  SendTaskHeartbeat: sendTaskHeartbeat,
  SendTaskSuccess: sendTaskSuccess,
  StartExecution: startExecution,
  StopExecution: stopExecution,
  TestState: testState,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateStateMachine: updateStateMachine,
  ValidateStateMachineDefinition: validateStateMachineDefinition,
};

/**
 * Runs an operation on a request as it came.
 * @throws AwsError for every answer that is an error
 */
export async function callOperation<Name extends OperationName>(
  name: Name,
  request: unknown,
  context: OperationContext,
): Promise<Output<Name>> {
  context.throttle?.admit(name);
  const operation = operations[name];
  if (operation === undefined) throw awsError('UnsupportedOperationException', `the operation ${name}`);
  const shape = OPERATIONS[name].input;
  const input = deserialize(request, shape);
  checkConstraints(input, shape, { maxPayloadBytes: payloadBytesMax(name, context.ceilings) });
  return operation(input as Input<Name>, context);
}
