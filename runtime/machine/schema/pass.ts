import { anyJson, common, exactlyOneOf, sequential, workFlow } from './fields.ts';
import { z } from './zod.ts';

export type PassDefinition = z.infer<typeof passSchema>;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html */
export const passSchema = exactlyOneOf(
  z.strictObject({ ...common('Pass'), ...workFlow, ...sequential, Result: anyJson.optional() }),
  ['Next', 'End'],
);
