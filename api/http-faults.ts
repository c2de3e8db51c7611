/** AWS's errors for what goes wrong outside of any operation: in HTTP, in the framework, by a bug. */
import { isRetryable } from '../store/retryable-errors.ts';
import { AwsError, awsError } from './errors.ts';

export const AWS_JSON = 'application/x-amz-json-1.0';
export const REQUEST_ID_HEADER = 'x-amzn-requestid';

/** AWS's error of whatever was thrown. */
export function toAwsError(error: unknown, requestBytesMax: number): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof Error && 'statusCode' in error) return ofStatus(error, requestBytesMax);
  return awsError(isRetryable(error) ? 'ServiceUnavailable' : 'InternalFailure');
}

/** The framework's errors have statuses. */
function ofStatus(error: Error & { statusCode: unknown; code?: unknown }, requestBytesMax: number): AwsError {
  const status = Number(error.statusCode);
  if (error.code === 'ECONNRESET') return awsError('RequestAbortedException');
  if (status === 413) return awsError('RequestEntityTooLargeException', requestBytesMax);
  if (status === 415) return awsError('UnknownOperationException', error.message);
  if (status >= 400 && status < 500) return awsError('MalformedHttpRequestException', error.message);
  return awsError('InternalFailure');
}

/** The error of a request that Node could not read. @param code Node's */
export function clientError(code: string, requestBytesMax: number): AwsError {
  if (code === 'HPE_HEADER_OVERFLOW') return awsError('RequestEntityTooLargeException', requestBytesMax);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return awsError('RequestTimeoutException');
  return awsError('MalformedHttpRequestException', 'The request is not valid HTTP');
}

export function errorBody({ name, message, members }: AwsError) {
  return { __type: name, message, ...members };
}

/** An answer for a connection whose HTTP is at an end. */
export function rawAnswer(error: AwsError, requestId: string): string {
  const body = JSON.stringify(errorBody(error));
  return [
    `HTTP/1.1 ${error.status} ${error.name}`,
    `content-type: ${AWS_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${REQUEST_ID_HEADER}: ${requestId}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
