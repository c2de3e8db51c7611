import { z } from 'zod';
import { type Json, stringifyJson } from '../../runtime/data/json.ts';
import type { Payload } from '../../runtime/data/payload.ts';
import type { ArnPlace } from '../../runtime/execution/arn.ts';
import type { Failure } from '../../runtime/failures/failure.ts';
import { unusableParameters } from '../unusable-parameters.ts';
import { invalidFunctionName, parseFunctionName } from './function-name.ts';
import { INVOCATION_TYPES, type Invocation, LOG_TYPES } from './invocation.ts';
import { serviceFailure } from './invocation-failure.ts';

export type InvokeParameters = Pick<
  Invocation,
  'function' | 'payload' | 'invocationType' | 'logType' | 'clientContext'
>;

/** It travels in a header, where not every text can. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const schema = z.strictObject({
  FunctionName: z.string(),
  Payload: z.unknown().optional(),
  InvocationType: z.enum(INVOCATION_TYPES).nullish(),
  LogType: z.enum(LOG_TYPES).nullish(),
  ClientContext: z.string().regex(BASE64).nullish(),
  Qualifier: z.string().nullish(),
});

/** Reads the Parameters or Arguments of `lambda:invoke`. */
export function readInvokeParameters(
  input: Payload,
  place: ArnPlace,
): InvokeParameters | { readonly failure: Failure } {
  const parsed = schema.safeParse(input.value);
  if (!parsed.success) return { failure: unusableParameters(input, parsed.error.issues) };
  const { FunctionName, Payload, InvocationType, LogType, ClientContext, Qualifier } = parsed.data;
  const reference = parseFunctionName(FunctionName, place);
  if (reference === undefined) return { failure: invalidFunctionName(FunctionName) };
  if (reference.qualifier !== undefined && Qualifier && reference.qualifier !== Qualifier)
    return { failure: otherQualifier() };
  return {
    function: {
      ...reference,
      qualifier: reference.qualifier ?? Qualifier ?? undefined,
    },
    payload: payloadText(Payload as Json | undefined),
    invocationType: InvocationType ?? undefined,
    logType: LogType ?? undefined,
    clientContext: ClientContext ?? undefined,
  };
}

/** Step Functions sends a string as it is, for it may hold JSON text, anything else as JSON, and null as nothing. */
function payloadText(payload: Json | undefined): string {
  if (payload === undefined || payload === null) return '';
  return typeof payload === 'string' ? payload : stringifyJson(payload);
}

function otherQualifier(): Failure {
  return serviceFailure({
    status: 400,
    code: 'InvalidParameterValueException',
    message: 'The derived qualifier from the function name does not match the specified qualifier.',
    requestId: undefined,
  });
}
