import { atMostOneOf, common, text } from './fields.ts';
import { z } from './zod.ts';

export type FailDefinition = z.infer<typeof failSchema>;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html */
export const failSchema = atMostOneOf(
  atMostOneOf(
    z.strictObject({
      ...common('Fail'),
      Error: text.optional(),
      ErrorPath: text.optional(),
      Cause: text.optional(),
      CausePath: text.optional(),
    }),
    ['ErrorPath', 'Error'],
  ),
  ['CausePath', 'Cause'],
);
