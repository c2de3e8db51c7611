import { qualifiedArn } from '../../runtime/execution/arn.ts';
import { findStateMachine } from '../arns.ts';
import { readPage } from '../pages.ts';
import { type Operation, toTimestamp } from './operation.ts';

/**
 * The newest comes first.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineVersions.html
 */
export const listStateMachineVersions: Operation<'ListStateMachineVersions'> = async (input, context) => {
  const { store, place, pageTokens } = context;
  const machine = await findStateMachine(context, input.stateMachineArn);
  const { items, nextToken } = await readPage({
    operation: 'ListStateMachineVersions',
    input,
    pageTokens,
    read: (limit, before: number | undefined) =>
      store.versions.list({ stateMachineId: machine.id, limit, before }),
    positionOf: ({ number }) => number,
  });
  const stateMachineVersions = items.map(({ number, createdAt }) => ({
    stateMachineVersionArn: qualifiedArn(place, machine.name, number),
    creationDate: toTimestamp(createdAt),
  }));
  return { stateMachineVersions, nextToken };
};
