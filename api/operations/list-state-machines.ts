import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { readPage } from '../pages.ts';
import { type Operation, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachines.html */
export const listStateMachines: Operation<'ListStateMachines'> = async (
  input,
  { store, place, pageTokens },
) => {
  const { items, nextToken } = await readPage({
    operation: 'ListStateMachines',
    input,
    pageTokens,
    read: (limit, after: string | undefined) => store.stateMachines.list({ place, limit, after }),
    positionOf: ({ id }) => id,
  });
  const stateMachines = items.map(({ name, type, createdAt }) => ({
    stateMachineArn: stateMachineArn(place, name),
    name,
    type,
    creationDate: toTimestamp(createdAt),
  }));
  return { stateMachines, nextToken };
};
