/** How failures of `states:startExecution` are named and explained. */
import { randomUUID } from 'node:crypto';
import type { Failure } from '../../runtime/failures/failure.ts';
import { serviceCause } from '../aws/service-error.ts';
import { START_ERRORS, type StartErrorName } from './start-errors.ts';

/** An error of StartExecution as a task fails with it; the details are those of its message. */
export function startFailure<Name extends StartErrorName>(
  code: Name,
  ...details: Parameters<(typeof START_ERRORS)[Name]>
): Failure {
  const message = (START_ERRORS[code] as (...details: unknown[]) => string)(...details);
  return {
    error: `StepFunctions.${code.endsWith('Exception') ? code : `${code}Exception`}`,
    cause: serviceCause('AWSStepFunctions', { status: 400, code, message, requestId: randomUUID() }),
  };
}

/** AWS's words for a parameter that is too short or too long. */
export function lengthFailure(parameter: string, bound: 'greater' | 'less', length: number): Failure {
  return startFailure(
    'ValidationException',
    `1 validation error detected: Value at '${parameter}' failed to satisfy constraint: Member must have length ${bound} than or equal to ${length}`,
  );
}
