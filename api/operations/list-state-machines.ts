import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { type Operation, pageSize, toTimestamp } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachines.html */
export const listStateMachines: Operation<'ListStateMachines'> = async (
  input,
  { store, place, pageTokens },
) => {
  const limit = pageSize(input.maxResults);
  const after = (await pageTokens.read('ListStateMachines', input)) as string | undefined;
  // One more than fits tells whether there is a next page.
  const found = await store.stateMachines.list({ place, limit: limit + 1, after });
  const page = found.slice(0, limit);
  return {
    stateMachines: page.map(({ name, type, createdAt }) => ({
      stateMachineArn: stateMachineArn(place, name),
      name,
      type,
      creationDate: toTimestamp(createdAt),
    })),
    nextToken:
      found.length > limit ? await pageTokens.issue('ListStateMachines', input, page.at(-1)?.id) : undefined,
  };
};
