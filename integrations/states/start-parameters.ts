import { z } from 'zod';
import { type Json, stringifyJson } from '../../runtime/data/json.ts';
import type { Payload } from '../../runtime/data/payload.ts';
import type { Failure } from '../../runtime/failures/failure.ts';
import { unusableParameters } from '../unusable-parameters.ts';

export interface StartParameters {
  readonly stateMachineArn: string;
  readonly name: string | undefined;
  /** JSON text, unless the state gave a text of its own. */
  readonly input: string;
  readonly traceHeader: string | undefined;
}

const schema = z.strictObject({
  StateMachineArn: z.string(),
  Name: z.string().nullish(),
  Input: z.unknown().optional(),
  TraceHeader: z.string().nullish(),
});

/**
 * Reads the Parameters or Arguments of `states:startExecution`.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
export function readStartParameters(input: Payload): StartParameters | { readonly failure: Failure } {
  const parsed = schema.safeParse(input.value);
  if (!parsed.success) return { failure: unusableParameters(input, parsed.error.issues) };
  const { StateMachineArn, Name, Input, TraceHeader } = parsed.data;
  return {
    stateMachineArn: StateMachineArn,
    name: Name ?? undefined,
    input: inputText(Input as Json | undefined),
    traceHeader: TraceHeader ?? undefined,
  };
}

/** Step Functions sends a string as it is, for it may hold JSON text, anything else as JSON, and null as nothing. */
function inputText(input: Json | undefined): string {
  if (input === undefined || input === null) return '{}';
  return typeof input === 'string' ? input : stringifyJson(input);
}
