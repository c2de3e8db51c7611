/**
 * Every error that the API can answer: AWS's name, status and words in one table.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html
 */

import { START_ERRORS } from '../integrations/states/start-errors.ts';

/** The text is the message itself, where AWS has no fixed pattern. */
const verbatim = (message: string) => message;
const quoted = (prefix: string) => (detail: string) => `${prefix}: '${detail}'`;
const fixed = (message: string) => () => message;

export const ERRORS = {
  // The service model's own errors.
  ActivityAlreadyExists: { status: 400, message: quoted('Activity Already Exists') },
  ActivityDoesNotExist: { status: 400, message: quoted('Activity Does Not Exist') },
  ActivityLimitExceeded: {
    status: 400,
    message: fixed(
      'The maximum number of activities has been reached. Existing activities must be deleted before a new activity can be created.',
    ),
  },
  ActivityWorkerLimitExceeded: {
    status: 400,
    message: fixed('The maximum number of workers concurrently polling for activity tasks has been reached.'),
  },
  ConflictException: { status: 409, message: verbatim },
  ExecutionAlreadyExists: { status: 400, message: START_ERRORS.ExecutionAlreadyExists },
  ExecutionDoesNotExist: { status: 400, message: quoted('Execution Does Not Exist') },
  ExecutionLimitExceeded: {
    status: 400,
    message: fixed(
      'The maximum number of running executions has been reached. Running executions must end or be stopped before a new execution can be started.',
    ),
  },
  ExecutionNotRedrivable: {
    status: 400,
    message: (arn: string, reason: string) => `Execution ${arn} invalid for redrive as: ${reason}`,
  },
  InvalidArn: { status: 400, message: START_ERRORS.InvalidArn },
  InvalidDefinition: { status: 400, message: quoted('Invalid State Machine Definition') },
  InvalidEncryptionConfiguration: { status: 400, message: verbatim },
  InvalidExecutionInput: { status: 400, message: START_ERRORS.InvalidExecutionInput },
  InvalidLoggingConfiguration: {
    status: 400,
    message: (detail: string) => `Invalid Logging Configuration: ${detail}`,
  },
  InvalidName: { status: 400, message: START_ERRORS.InvalidName },
  InvalidOutput: { status: 400, message: quoted('Invalid Output') },
  InvalidToken: { status: 400, message: fixed("Invalid Token: 'Invalid token'") },
  InvalidTracingConfiguration: { status: 400, message: verbatim },
  KmsAccessDeniedException: { status: 400, message: verbatim },
  KmsInvalidStateException: { status: 400, message: verbatim },
  KmsThrottlingException: { status: 400, message: verbatim },
  MissingRequiredParameter: { status: 400, message: verbatim },
  ResourceNotFound: {
    status: 400,
    message: (arn?: string) =>
      arn === undefined
        ? 'Request references a resource that does not exist.'
        : `Resource not found: '${arn}'`,
  },
  ServiceQuotaExceededException: { status: 402, message: verbatim },
  StateMachineAlreadyExists: { status: 400, message: quoted('State Machine Already Exists') },
  StateMachineDeleting: { status: 400, message: START_ERRORS.StateMachineDeleting },
  StateMachineDoesNotExist: { status: 400, message: START_ERRORS.StateMachineDoesNotExist },
  StateMachineLimitExceeded: {
    status: 400,
    message: fixed(
      'The maximum number of state machines has been reached. Existing state machines must be deleted before a new state machine can be created.',
    ),
  },
  StateMachineTypeNotSupported: { status: 400, message: START_ERRORS.StateMachineTypeNotSupported },
  TaskDoesNotExist: { status: 400, message: fixed('Task does not exist') },
  TaskTimedOut: { status: 400, message: fixed("Task Timed Out: 'Provided task does not exist anymore'") },
  TooManyTags: { status: 400, message: verbatim },
  ValidationException: { status: 400, message: START_ERRORS.ValidationException },

  // Errors that all AWS services have.
  IncompleteSignatureException: { status: 400, message: verbatim },
  InternalFailure: {
    status: 500,
    message: fixed('The request processing has failed because of an unknown error.'),
  },
  InvalidSignatureException: { status: 400, message: verbatim },
  MalformedHttpRequestException: { status: 400, message: verbatim },
  MissingAuthenticationTokenException: { status: 400, message: fixed('Missing Authentication Token') },
  RequestAbortedException: {
    status: 400,
    message: fixed('The client closed the connection before it had the answer'),
  },
  RequestEntityTooLargeException: {
    status: 413,
    message: (bytes: number) => `Request size exceeded the limit of ${bytes} bytes`,
  },
  RequestTimeoutException: { status: 408, message: fixed('The request was not received in time') },
  SerializationException: { status: 400, message: verbatim },
  ServiceUnavailable: {
    status: 503,
    message: fixed('The request has failed due to a temporary failure of the server.'),
  },
  ThrottlingException: {
    status: 400,
    message: (why?: string) => (why === undefined ? 'Rate exceeded' : `Rate exceeded: ${why}`),
  },
  UnknownOperationException: { status: 404, message: verbatim },
  UnrecognizedClientException: {
    status: 400,
    message: fixed('The security token included in the request is invalid.'),
  },

  // Ours: what AWS can do and this version cannot yet.
  UnsupportedOperationException: {
    status: 501,
    message: (what: string) => `Statehouse does not support ${what} yet`,
  },
} as const;

export type ErrorName = keyof typeof ERRORS;

/** An answer of the API that is an error; thrown by operations, written by the protocol. */
export class AwsError extends Error {
  override readonly name: ErrorName;
  readonly status: number;
  /** Further members of the error's shape: `reason`, `resourceName`. */
  readonly members: Readonly<Record<string, string>>;

  constructor(name: ErrorName, message: string, members: Readonly<Record<string, string>>) {
    super(message);
    this.name = name;
    this.status = ERRORS[name].status;
    this.members = members;
  }
}

/** An error of the catalogue; the arguments are those of its message. */
export function awsError<Name extends ErrorName>(
  name: Name,
  ...details: Parameters<(typeof ERRORS)[Name]['message']>
): AwsError {
  const message = ERRORS[name].message as (...details: unknown[]) => string;
  return new AwsError(name, message(...details), {});
}

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html (Errors) */
export type ValidationReason =
  | 'API_DOES_NOT_SUPPORT_LABELED_ARNS'
  | 'MISSING_REQUIRED_PARAMETER'
  | 'CANNOT_UPDATE_COMPLETED_MAP_RUN'
  | 'INVALID_ROUTING_CONFIGURATION';

/** A ValidationException that tells programs its reason. */
export function validationError(message: string, reason: ValidationReason): AwsError {
  return new AwsError('ValidationException', message, { reason });
}
