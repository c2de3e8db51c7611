import { type AwsCredentials, signedHeaders } from '../aws/signature.ts';
import { TIMEOUT_SECONDS_MAX } from '../functions/function-map.ts';
import { type HttpClient, headerOf } from '../http-client.ts';
import type { Invocation, InvocationResult, Invoker } from './invocation.ts';
import { answerFailure, faultFailure } from './invocation-failure.ts';

export interface InvokeApiOptions {
  readonly endpoint: URL;
  readonly region: string;
  /** undefined: requests go unsigned, which emulators accept. */
  readonly credentials: AwsCredentials | undefined;
}

/**
 * The Lambda Invoke API, as AWS, LocalStack, SAM local, serverless-offline and others serve it.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export class InvokeApi implements Invoker {
  readonly #options: InvokeApiOptions;
  readonly #client: HttpClient;

  constructor(options: InvokeApiOptions, client: HttpClient) {
    this.#options = options;
    this.#client = client;
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const url = this.#url(invocation);
    const body = invocation.payload;
    const answer = await this.#client.post({
      url,
      headers: this.#headers(url, invocation),
      body,
      timeoutMs: TIMEOUT_SECONDS_MAX * 1000,
      signal: invocation.signal,
      trace: invocation.trace,
    });
    if ('kind' in answer) return { kind: 'failed', failure: faultFailure(answer, url) };
    if (answer.status < 200 || answer.status > 299) return { kind: 'failed', failure: answerFailure(answer) };
    if (headerOf(answer.headers, 'x-amz-function-error') !== undefined)
      return { kind: 'functionFailed', payload: answer.body };
    return { kind: 'answered', answer };
  }

  async close(): Promise<void> {}

  /** A function of our own account goes by its name, which every emulator understands, any other by its ARN. */
  #url({ function: { name, arn, qualifier, isLocal } }: Invocation): URL {
    const base = this.#options.endpoint.href.replace(/\/$/, '');
    const url = new URL(
      `${base}/2015-03-31/functions/${encodeURIComponent(isLocal ? name : arn)}/invocations`,
    );
    if (qualifier !== undefined) url.searchParams.set('Qualifier', qualifier);
    return url;
  }

  #headers(url: URL, invocation: Invocation): Record<string, string> {
    const headers = invokeHeaders(invocation);
    const { credentials, region } = this.#options;
    if (credentials === undefined) return headers;
    const request = { method: 'POST', url, headers, body: invocation.payload };
    return signedHeaders(request, credentials, { region, service: 'lambda', time: Date.now() });
  }
}

/** The headers of an Invoke request, and the idempotency key. */
export function invokeHeaders(invocation: Invocation): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'X-Amz-Invocation-Type': invocation.invocationType ?? 'RequestResponse',
    'Statehouse-Idempotency-Key': headerText(invocation.idempotencyKey),
    ...(invocation.logType && { 'X-Amz-Log-Type': invocation.logType }),
    ...(invocation.clientContext && { 'X-Amz-Client-Context': invocation.clientContext }),
  };
}

/** Names in an ARN may hold any letters, a header only ASCII: the others go as in a URL. */
function headerText(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}
