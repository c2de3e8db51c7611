import { z } from 'zod';
import type { UrlFunction } from '../functions/function-map.ts';
import { type HttpAnswer, type HttpClient, headerOf } from '../http-client.ts';
import type { Invocation, InvocationResult, Invoker } from './invocation.ts';
import { answerFailure, faultFailure } from './invocation-failure.ts';
import { invokeHeaders } from './invoke-api.ts';

const errorObject = z.object({ errorType: z.string(), errorMessage: z.string() });

/**
 * A function behind a URL of its own: any HTTP server, or one Lambda container with its runtime emulator
 * (`http://host:8080/2015-03-31/functions/function/invocations`).
 *
 * The payload is POSTed as JSON, with the headers of Lambda's Invoke and `Statehouse-Idempotency-Key`. A 2xx
 * answer is the result. A function's error is Lambda's error object (`errorType`, `errorMessage`), told by the
 * header `X-Amz-Function-Error`, a status outside 2xx, or an Invoke URL: the runtime emulator answers errors with
 * 200 and no header. Any other status fails as Lambda's service would with it.
 */
export class UrlInvoker implements Invoker {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #client: HttpClient;

  constructor(definition: UrlFunction, client: HttpClient) {
    this.#url = new URL(definition.url);
    this.#timeoutMs = definition.timeoutSeconds * 1000;
    this.#client = client;
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const url = this.#url;
    const answer = await this.#client.post({
      url,
      headers: invokeHeaders(invocation),
      body: invocation.payload === '' ? '{}' : invocation.payload,
      timeoutMs: this.#timeoutMs,
      signal: invocation.signal,
      trace: invocation.trace,
    });
    if ('kind' in answer) return { kind: 'failed', failure: faultFailure(answer, url) };
    if (this.#isFunctionError(answer)) return { kind: 'functionFailed', payload: answer.body };
    const succeeded = answer.status >= 200 && answer.status <= 299;
    return succeeded ? { kind: 'answered', answer } : { kind: 'failed', failure: answerFailure(answer) };
  }

  async close(): Promise<void> {}

  #isFunctionError({ status, headers, body }: HttpAnswer): boolean {
    if (headerOf(headers, 'x-amz-function-error') !== undefined) return true;
    const mayBe = status < 200 || status > 299 || this.#url.pathname.endsWith('/invocations');
    return mayBe && isErrorObject(body);
  }
}

function isErrorObject(text: string): boolean {
  // Most answers are results: parse only those that can be errors.
  if (!text.includes('"errorType"')) return false;
  try {
    return errorObject.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
