import { qualifiedArn } from '../../runtime/execution/arn.ts';
import { readAliasArn } from '../arns.ts';
import { awsError } from '../errors.ts';
import { showRouting } from '../routing-configuration.ts';
import { type Operation, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineAlias.html */
export const describeStateMachineAlias: Operation<'DescribeStateMachineAlias'> = async (
  { stateMachineAliasArn },
  { store, place },
) => {
  const reference = readAliasArn(place, stateMachineAliasArn);
  const alias = reference && (await store.aliases.find(place, reference.name, reference.alias));
  if (reference === undefined || alias === undefined) throw awsError('ResourceNotFound');
  const { name, description, routes, createdAt, updatedAt } = alias;
  return {
    stateMachineAliasArn: qualifiedArn(place, reference.name, name),
    name,
    description,
    routingConfiguration: showRouting(place, reference.name, routes),
    creationDate: toTimestamp(createdAt),
    updateDate: toTimestamp(updatedAt),
  };
};
