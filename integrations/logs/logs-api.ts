import { serviceEndpoint } from '../aws/endpoint.ts';
import { credentialsFrom, signedHeaders } from '../aws/signature.ts';
import { HttpClient, type HttpFault } from '../http-client.ts';

/** What CloudWatch Logs says; `code` of an error is the exception's name, if it is told. */
export type LogsAnswer =
  | { readonly kind: 'ok'; readonly output: Readonly<Record<string, unknown>> }
  | { readonly kind: 'error'; readonly status: number; readonly code: string | undefined }
  | HttpFault;

/** The CloudWatch Logs API. @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html */
export interface LogsApi {
  /**
   * Faults and errors are answered, nothing is thrown.
   * @param operation such as `PutLogEvents`
   * @param region that the log group is in
   */
  call(operation: string, region: string, input: object): Promise<LogsAnswer>;
  /** Calls under way fail. */
  close(): void;
}

export interface LogGroupId {
  readonly region: string;
  readonly name: string;
}

const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 1024 * 1024;

/**
 * Undefined when there is no endpoint.
 * @throws Error naming the variable that is not usable
 */
export function openLogsApi(env: NodeJS.ProcessEnv): LogsApi | undefined {
  const endpoint = serviceEndpoint(env, 'CLOUDWATCH_LOGS');
  if (endpoint === undefined) return undefined;
  const credentials = credentialsFrom(env);
  const client = new HttpClient(ANSWER_BYTES_MAX);
  const closed = new AbortController();
  return {
    async call(operation, region, input) {
      const body = JSON.stringify(input);
      const unsigned = {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': `Logs_20140328.${operation}`,
      };
      const request = { method: 'POST', url: endpoint, headers: unsigned, body };
      const headers =
        credentials === undefined
          ? unsigned
          : signedHeaders(request, credentials, { region, service: 'logs', time: Date.now() });
      const post = { url: endpoint, headers, body, timeoutMs: TIMEOUT_MS, signal: closed.signal };
      const answer = await client.post(post);
      return 'kind' in answer ? answer : readAnswer(answer.status, answer.body);
    },
    close() {
      closed.abort();
      client.close();
    },
  };
}

/** @param arn `arn:aws:logs:us-east-1:000000000000:log-group:NAME:*` */
export function logGroupOf(arn: string): LogGroupId {
  const [, , , region = '', , , name = ''] = arn.split(':');
  return { region, name };
}

function readAnswer(status: number, body: string): LogsAnswer {
  const read = readObject(body);
  if (status === 200) return { kind: 'ok', output: read };
  const { __type: type } = read;
  const code = typeof type === 'string' ? type.slice(type.lastIndexOf('#') + 1) : undefined;
  return { kind: 'error', status, code };
}

function readObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(body);
    return typeof read === 'object' && read !== null ? { ...read } : {};
  } catch {
    return {};
  }
}
