/** How failures of an invocation are named: a function's by its own errorType, the service's by `Lambda.…`. */
import { z } from 'zod';
import type { Failure } from '../../runtime/failures/failure.ts';
import { type ServiceError, serviceCause } from '../aws/service-error.ts';
import { type HttpAnswer, type HttpFault, headerOf } from '../http-client.ts';

/** The errors of Invoke that the AWS SDK has an exception for; any other is AWSLambdaException. */
const MODELLED_CODES = new Set([
  'CodeArtifactUserDeletedException',
  'CodeArtifactUserFailedException',
  'CodeArtifactUserPendingException',
  'DurableExecutionAlreadyStartedException',
  'EC2AccessDeniedException',
  'EC2ThrottledException',
  'EC2UnexpectedException',
  'EFSIOException',
  'EFSMountConnectivityException',
  'EFSMountFailureException',
  'EFSMountTimeoutException',
  'ENILimitReachedException',
  'ENINotReadyException',
  'InvalidParameterValueException',
  'InvalidRequestContentException',
  'InvalidRuntimeException',
  'InvalidSecurityGroupIDException',
  'InvalidSubnetIDException',
  'InvalidZipFileException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'ModeNotSupportedException',
  'NoPublishedVersionException',
  'RecursiveInvocationException',
  'RequestTooLargeException',
  'ResourceConflictException',
  'ResourceNotFoundException',
  'ResourceNotReadyException',
  'S3FilesMountConnectivityException',
  'S3FilesMountFailureException',
  'S3FilesMountTimeoutException',
  'SerializedRequestEntityTooLargeException',
  'ServiceException',
  'ServiceQuotaExceededException',
  'SnapStartException',
  'SnapStartNotReadyException',
  'SnapStartRegenerationFailureException',
  'SnapStartTimeoutException',
  'SubnetIPAddressLimitReachedException',
  'TooManyRequestsException',
  'UnsupportedMediaTypeException',
]);

/** What a status means by itself: gateways in front of a function and some emulators name no code. */
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  404: 'ResourceNotFoundException',
  413: 'RequestTooLargeException',
  429: 'TooManyRequestsException',
  500: 'ServiceException',
};

/** Enough of an unexpected answer to tell who gave it. */
const EXCERPT_CHARS_MAX = 300;

const functionErrorSchema = z.object({ errorType: z.string().min(1) });
const serviceErrorSchema = z
  .object({ __type: z.string(), message: z.string(), Message: z.string() })
  .partial();

/** `error` is the function's errorType, `cause` its payload as it came. */
export function functionFailure(payload: string): Failure {
  return { error: readJson(functionErrorSchema, payload)?.errorType ?? 'Lambda.Unknown', cause: payload };
}

export function serviceFailure(error: ServiceError): Failure {
  const exception = error.code ?? CODE_OF_STATUS[error.status] ?? '';
  return {
    error: `Lambda.${MODELLED_CODES.has(exception) ? exception : 'AWSLambdaException'}`,
    cause: serviceCause('AWSLambda', error),
  };
}

/** For an answer outside 2xx. The code comes as `X-Amzn-ErrorType: Code:uri`, or in the body. */
export function answerFailure({ status, headers, body }: HttpAnswer): Failure {
  const error = readJson(serviceErrorSchema, body);
  const type = headerOf(headers, 'x-amzn-errortype') ?? error?.__type;
  return serviceFailure({
    status,
    code: type?.split(':')[0]?.split('#').at(-1),
    message: error?.Message ?? error?.message ?? (body === '' ? undefined : body.slice(0, EXCERPT_CHARS_MAX)),
    requestId: headerOf(headers, 'x-amzn-requestid'),
  });
}

/** For a call that got no whole answer. */
export function faultFailure(fault: HttpFault, url: URL): Failure {
  if (fault.kind === 'aborted') return unknownOutcome('The call was stopped before its answer came');
  return {
    error: 'Lambda.SdkClientException',
    // Without the URL's user and password.
    cause: `Unable to execute HTTP request: ${fault.message} (POST ${url.origin}${url.pathname})`,
  };
}

/** For an attempt whose answer was not waited for. */
export function unknownOutcome(what: string): Failure {
  return {
    error: 'Lambda.SdkClientException',
    cause: `${what}: whether the function ran, and with what outcome, is unknown`,
  };
}

function readJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
