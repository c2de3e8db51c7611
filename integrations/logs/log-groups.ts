import type { Logger } from '../../telemetry/log.ts';
import { serviceEndpoint } from '../aws/endpoint.ts';
import { type AwsCredentials, credentialsFrom, signedHeaders } from '../aws/signature.ts';
import { HttpClient } from '../http-client.ts';

export interface LogGroups {
  /**
   * False: CloudWatch Logs answers that there is no such log group. When it answers nothing of use, the log group is
   * taken to be there.
   * @param arn `arn:aws:logs:us-east-1:000000000000:log-group:NAME:*`
   */
  exists(arn: string): Promise<boolean>;
  close(): void;
}

interface LogsEndpoint {
  readonly endpoint: URL;
  readonly credentials: AwsCredentials | undefined;
  readonly logger: Logger;
}

const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 1024 * 1024;

/**
 * Undefined when there is no endpoint: then nobody can say which log groups there are.
 * @throws Error naming the variable that is not usable
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
 */
export function createLogGroups(env: NodeJS.ProcessEnv, logger: Logger): LogGroups | undefined {
  const endpoint = serviceEndpoint(env, 'CLOUDWATCH_LOGS');
  if (endpoint === undefined) return undefined;
  const logs = { endpoint, credentials: credentialsFrom(env), logger };
  const client = new HttpClient(ANSWER_BYTES_MAX);
  return {
    exists: async (arn) => (await describe(logs, client, arn)) ?? true,
    close: () => client.close(),
  };
}

/** Undefined: no answer of use. */
async function describe(logs: LogsEndpoint, client: HttpClient, arn: string): Promise<boolean | undefined> {
  const [, , , region = '', , , name = ''] = arn.split(':');
  const body = JSON.stringify({ logGroupNamePrefix: name });
  const answer = await client.post({
    url: logs.endpoint,
    headers: headers(logs, region, body),
    body,
    timeoutMs: TIMEOUT_MS,
    signal: new AbortController().signal,
  });
  const names = 'kind' in answer || answer.status !== 200 ? undefined : namesIn(answer.body);
  if (names === undefined)
    logs.logger.warn(
      'kind' in answer ? { fault: answer.message } : { status: answer.status },
      'CloudWatch Logs does not say whether a log group exists',
    );
  return names?.includes(name);
}

function headers({ endpoint: url, credentials }: LogsEndpoint, region: string, body: string) {
  const unsigned = {
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Target': 'Logs_20140328.DescribeLogGroups',
  };
  if (credentials === undefined) return unsigned;
  const request = { method: 'POST', url, headers: unsigned, body };
  return signedHeaders(request, credentials, { region, service: 'logs', time: Date.now() });
}

/** The log groups that begin like the one in question; it stands among the first, because they come by name. */
function namesIn(body: string): unknown[] | undefined {
  try {
    const { logGroups } = JSON.parse(body) as { logGroups?: unknown };
    return Array.isArray(logGroups)
      ? logGroups.map((group: { logGroupName?: unknown } | null) => group?.logGroupName)
      : undefined;
  } catch {
    return undefined;
  }
}
