/** A definition of so many Lambda tasks, one after the other. */
import { chain } from './chain.ts';

export const FUNCTION_NAME = 'no-op';

const FUNCTION_ARN = `arn:aws:lambda:us-east-1:000000000000:function:${FUNCTION_NAME}`;

/**
 * @param fields that each task has beyond its Resource
 * @param name what the names of the states begin with
 */
export function lambdaChain(length: number, fields: object = {}, name?: string): object {
  return chain(length, { Type: 'Task', Resource: FUNCTION_ARN, ...fields }, name);
}
