import { z } from 'zod';
import { type Json, stringifyJson } from '../../runtime/data/json.ts';
import type { Payload } from '../../runtime/data/payload.ts';
import { type Failure, States } from '../../runtime/failures/failure.ts';
import { isStatementAllowed, STATEMENT_REFUSED } from '../../runtime/machine/sql-statement.ts';
import { unusableParameters } from '../unusable-parameters.ts';

export interface ExecuteParameters {
  readonly statement: string;
  /** As Postgres reads them. */
  readonly parameters: readonly (string | null)[];
  readonly isReadOnly: boolean;
}

const schema = z.strictObject({
  Statement: z.string(),
  Parameters: z.array(z.unknown()).nullish(),
  ReadOnly: z.boolean().nullish(),
});

/** Reads the Parameters or Arguments of `postgres:execute`. */
export function readExecuteParameters(input: Payload): ExecuteParameters | { readonly failure: Failure } {
  const parsed = schema.safeParse(input.value);
  if (!parsed.success) return { failure: unusableParameters(input, parsed.error.issues) };
  const { Statement, Parameters, ReadOnly } = parsed.data;
  if (!isStatementAllowed(Statement))
    return { failure: { error: States.Runtime, cause: `${STATEMENT_REFUSED}.` } };
  return {
    statement: Statement,
    parameters: (Parameters ?? []).map((value) => parameterText(value as Json)),
    isReadOnly: ReadOnly ?? false,
  };
}

/** A string as it is, null as NULL, anything else as JSON: so numbers and booleans, too, are as Postgres reads them. */
function parameterText(value: Json): string | null {
  return value === null || typeof value === 'string' ? value : stringifyJson(value);
}
