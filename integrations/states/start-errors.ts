const quoted = (prefix: string) => (detail: string) => `${prefix}: '${detail}'`;
const verbatim = (message: string) => message;

/**
 * The errors of StartExecution, all of status 400, with AWS's words; api/errors.ts has all others. Only tasks meet
 * ExecutionLimitExceeded here, for a limit of our own.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (Errors)
 */
export const START_ERRORS = {
  ExecutionAlreadyExists: quoted('Execution Already Exists'),
  ExecutionLimitExceeded: verbatim,
  InvalidArn: (detail: string, what = 'Arn') => `Invalid ${what}: '${detail}'`,
  InvalidExecutionInput: quoted('Invalid State Machine Execution Input'),
  InvalidName: quoted('Invalid Name'),
  StateMachineDeleting: quoted('State Machine is being deleted'),
  StateMachineDoesNotExist: quoted('State Machine Does Not Exist'),
  StateMachineTypeNotSupported: () => 'This operation is not supported by this type of state machine',
  ValidationException: verbatim,
} as const;

export type StartErrorName = keyof typeof START_ERRORS;

/** What is wrong with an ARN that should mean a state machine. */
export const ARN_FAULTS = {
  notAnArn: (arn: string) => `Invalid ARN prefix: ${arn}`,
  otherResource: (resourceType: string) => `Resource type not valid in this context: ${resourceType}`,
  labelled: (arn: string) => `This operation does not support labelled state machine ARNs: '${arn}'`,
} as const;
