import { z } from 'zod';
import { common, inputAndOutput } from './fields.ts';

export type SucceedDefinition = z.infer<typeof succeedSchema>;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html */
export const succeedSchema = z.strictObject({ ...common('Succeed'), ...inputAndOutput });
