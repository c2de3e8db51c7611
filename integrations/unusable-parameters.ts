import type { z } from 'zod';
import { isObject, type Json, member } from '../runtime/data/json.ts';
import type { Payload } from '../runtime/data/payload.ts';
import { type Failure, States } from '../runtime/failures/failure.ts';

/** What a task fails with whose Parameters or Arguments its service cannot take. */
export function unusableParameters(input: Payload, issues: readonly z.core.$ZodIssue[]): Failure {
  const faults = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `The field '${key}' is not supported by Step Functions`)
      : describe(issue.path.join('.'), input.value),
  );
  return {
    error: States.Runtime,
    cause: `The Parameters '${input.text}' could not be used to start the Task: [${faults.join(', ')}]`,
  };
}

function describe(field: string, parameters: Json): string {
  if (!isObject(parameters)) return 'The parameters must be a JSON object';
  if (member(parameters, field) === undefined) return `The field '${field}' is required`;
  return `The value of the field '${field}' has an invalid format`;
}
