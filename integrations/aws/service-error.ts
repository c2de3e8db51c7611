/** What AWS's service tells of an error. */
export interface ServiceError {
  readonly status: number;
  /** undefined: the answer names none. */
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly requestId: string | undefined;
}

/**
 * The cause of a task's failure in the words of the AWS SDK for Java 1, by which Step Functions calls its optimized
 * integrations.
 * @param service by its name there: `AWSLambda`
 */
export function serviceCause(service: string, { status, code, message, requestId }: ServiceError): string {
  return `${message ?? null} (Service: ${service}; Status Code: ${status}; Error Code: ${code ?? null}; Request ID: ${requestId ?? null}; Proxy: null)`;
}

/**
 * The cause of a task's failure in the words of the AWS SDK for Java 2, by which Step Functions calls its SDK integrations.
 * @param service by its client's name there: `Sfn`
 */
export function sdkCause(service: string, message: string, requestId: string): string {
  return `${message} (Service: ${service}, Status Code: 400, Request ID: ${requestId}) (SDK Attempt Count: 1)`;
}
