import { anyJson, common, exactlyOneOf, jsonObject, sequential, workFlow } from './fields.ts';
import { retryAndCatch } from './retry-and-catch.ts';
import { z } from './zod.ts';

export type ParallelDefinition = z.infer<typeof parallelSchema>;

/** Branches are scopes, checked each on its own. @see https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html */
export const parallelSchema = exactlyOneOf(
  z.strictObject({
    ...common('Parallel'),
    ...workFlow,
    ...sequential,
    ...retryAndCatch,
    Arguments: anyJson.optional(),
    ResultSelector: anyJson.optional(),
    Branches: z.array(jsonObject).min(1),
  }),
  ['Next', 'End'],
);
