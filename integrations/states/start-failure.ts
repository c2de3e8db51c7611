/** How the errors of starting an execution become failures of the task that was to start it. */
import { randomUUID } from 'node:crypto';
import type { Failure } from '../../runtime/failures/failure.ts';
import { sdkCause, serviceCause } from '../aws/service-error.ts';
import { START_ERRORS, type StartErrorName } from './start-errors.ts';

/** An error of StartExecution or StartSyncExecution, all of status 400. */
export interface StartFault {
  readonly code: StartErrorName;
  readonly message: string;
}

/** The details are those of the error's message. */
export function startFault<Name extends StartErrorName>(
  code: Name,
  ...details: Parameters<(typeof START_ERRORS)[Name]>
): StartFault {
  return { code, message: (START_ERRORS[code] as (...details: unknown[]) => string)(...details) };
}

/** AWS's words for a parameter that is too short or too long. */
export function lengthFault(parameter: string, bound: 'greater' | 'less', length: number): StartFault {
  return startFault(
    'ValidationException',
    `1 validation error detected: Value at '${parameter}' failed to satisfy constraint: Member must have length ${bound} than or equal to ${length}`,
  );
}

/** Of `states:startExecution`. */
export function optimizedFailure({ code, message }: StartFault): Failure {
  return {
    error: `StepFunctions.${exceptionOf(code)}`,
    cause: serviceCause('AWSStepFunctions', { status: 400, code, message, requestId: randomUUID() }),
  };
}

/** Of `aws-sdk:sfn`. */
export function sdkFailure({ code, message }: StartFault): Failure {
  return { error: `Sfn.${exceptionOf(code)}`, cause: sdkCause('Sfn', message, randomUUID()) };
}

function exceptionOf(code: string): string {
  return code.endsWith('Exception') ? code : `${code}Exception`;
}
