/** A definition of so many Lambda tasks, one after the other. */
import { chain } from './chain.ts';

export const FUNCTION_NAME = 'no-op';

export function lambdaChain(length: number): object {
  const Resource = `arn:aws:lambda:us-east-1:000000000000:function:${FUNCTION_NAME}`;
  return chain(length, { Type: 'Task', Resource });
}
