import { randomUUID } from 'node:crypto';

/**
 * The output of `states:startExecution`: StartExecution's response as the AWS SDK for Java gives it, with the headers
 * that the answer would have had.
 * @param startedAt ms since 1970
 * @returns JSON text
 */
export function startResult(executionArn: string, startedAt: number): string {
  const requestId = randomUUID();
  const headers = {
    connection: 'keep-alive',
    'Content-Length': `${JSON.stringify({ executionArn, startDate: startedAt / 1000 }).length}`,
    'Content-Type': 'application/x-amz-json-1.0',
    Date: new Date(startedAt).toUTCString(),
    'x-amzn-RequestId': requestId,
  };
  return JSON.stringify({
    ExecutionArn: executionArn,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StartDate: startedAt,
  });
}
