import { qualifiedArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import { readStateMachineArn } from '../arns.ts';
import { awsError } from '../errors.ts';
import type { Input, Output } from '../model/shapes.ts';
import { showRevision } from '../shown-revision.ts';
import { type Operation, type OperationContext, toTimestamp } from './operation.ts';

/**
 * Of a state machine as it is, or of one of its versions; it knows nothing of aliases.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
 */
export const describeStateMachine: Operation<'DescribeStateMachine'> = async (input, context) => {
  const described = await describe(input, context);
  if (described === undefined) throw awsError('StateMachineDoesNotExist', input.stateMachineArn);
  return described;
};

async function describe(
  { stateMachineArn: arn, includedData }: Input<'DescribeStateMachine'>,
  context: OperationContext,
): Promise<Output<'DescribeStateMachine'> | undefined> {
  const { store, place } = context;
  const reference = readStateMachineArn(place, arn);
  if (reference === undefined || reference.alias !== undefined) return undefined;
  const { name, version: number } = reference;
  if (number === undefined) {
    const machine = await store.stateMachines.find(place, name);
    if (machine === undefined) return undefined;
    const { type, status, createdAt, revisionRowId } = machine;
    const revision = { ...machine, rowId: revisionRowId, stateMachineName: name };
    return {
      stateMachineArn: stateMachineArn(place, name),
      name,
      type,
      status,
      creationDate: toTimestamp(createdAt),
      ...(await showRevision(revision, includedData, context)),
    };
  }
  const version = await store.versions.find(place, name, number);
  if (version === undefined) return undefined;
  const { type, status, publishedAt, description } = version;
  return {
    stateMachineArn: qualifiedArn(place, name, number),
    name,
    type,
    status,
    creationDate: toTimestamp(publishedAt),
    description,
    ...(await showRevision(version, includedData, context)),
  };
}
