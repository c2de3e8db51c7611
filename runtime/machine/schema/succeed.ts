import { common, inputAndOutput } from './fields.ts';
import { z } from './zod.ts';

export type SucceedDefinition = z.infer<typeof succeedSchema>;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html */
export const succeedSchema = z.strictObject({ ...common('Succeed'), ...inputAndOutput });
