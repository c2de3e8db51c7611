/** The objects that hold states: the machine, a Parallel branch, a Map's processor. */

import type { JsonObject } from '../../data/json.ts';
import type { ScopeRole } from '../outline.ts';
import { integer, jsonObject, name, SECONDS_MAX, text } from './fields.ts';
import { z } from './zod.ts';

export type MachineDefinition = z.infer<typeof machineSchema>;
export type ScopeDefinition = z.infer<typeof branchSchema>;

const scope = {
  Comment: text.optional(),
  States: jsonObject.refine((states: JsonObject) => Object.keys(states).length > 0, {
    error: 'Value cannot be empty',
  }),
  StartAt: name,
};

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html */
const machineSchema = z.strictObject({
  ...scope,
  Version: z.enum(['1.0']).optional(),
  TimeoutSeconds: integer(0, SECONDS_MAX).optional(),
  QueryLanguage: z.enum(['JSONPath', 'JSONata']).optional(),
});

const branchSchema = z.strictObject(scope);

const processorConfig = z
  .strictObject({
    Mode: z.enum(['INLINE', 'DISTRIBUTED']).optional(),
    ExecutionType: z.enum(['STANDARD', 'EXPRESS']).optional(),
  })
  .superRefine(({ Mode, ExecutionType }, context) => {
    const message =
      Mode === 'DISTRIBUTED'
        ? ExecutionType === undefined && 'These fields are required: [ExecutionType]'
        : ExecutionType !== undefined && `Field 'ExecutionType' is not supported`;
    if (message) context.addIssue({ code: 'custom', message });
  });

const processorSchema = z.strictObject({ ...scope, ProcessorConfig: processorConfig.optional() });

export const scopeSchemas = {
  machine: machineSchema,
  branch: branchSchema,
  processor: processorSchema,
} satisfies Record<ScopeRole, z.ZodType>;
