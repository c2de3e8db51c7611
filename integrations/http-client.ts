import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type AttemptTrace, traceHeaders } from '../runtime/index.ts';
import type { RequestSpans } from '../telemetry/traces/request-spans.ts';

export interface HttpPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Of the task attempt on whose behalf it is sent; absent: it is in no trace. */
  readonly trace?: AttemptTrace | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** In the order and the letter case in which they came; a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** aborted: by the caller's signal; timeout: no whole answer in time; connection: anything else on the way. */
export type HttpFault = { readonly kind: 'aborted' | 'timeout' | 'connection'; readonly message: string };

/** Idle connections close before the 5 s after which a Node server closes them: a request would race with that. */
const IDLE_CONNECTION_MS = 4_000;
const IDLE_CONNECTIONS_MAX = 256;

/**
 * POSTs over kept-alive connections. A request is sent once: it is not repeated on a broken connection, because
 * the other side may have acted on it, and redirects are not followed. (fetch would do, but gives up after five
 * minutes without a header; a Lambda function may take fifteen.)
 */
export class HttpClient {
  readonly #bodyBytesMax: number;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  readonly #spans: RequestSpans | undefined;

  /** @param spans undefined: requests are not recorded */
  constructor(bodyBytesMax: number, spans?: RequestSpans) {
    this.#bodyBytesMax = bodyBytesMax;
    this.#spans = spans;
    const options = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS_MAX, timeout: IDLE_CONNECTION_MS };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent(options);
  }

  /** Answers of any status are answers; faults are returned, nothing is thrown. */
  async post(post: HttpPost): Promise<HttpAnswer | HttpFault> {
    const { trace, url } = post;
    const span = trace?.isRecorded ? this.#spans?.start(trace, { method: 'POST', url }) : undefined;
    if (span === undefined) return this.#post(post);
    const answer = await this.#post({ ...post, trace: span.trace });
    span.end('kind' in answer ? answer.kind : answer.status);
    return answer;
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #post(post: HttpPost): Promise<HttpAnswer | HttpFault> {
    const call = new AbortController();
    const abort = () => call.abort();
    const timer = setTimeout(abort, post.timeoutMs);
    post.signal.addEventListener('abort', abort, { once: true });
    try {
      if (post.signal.aborted) abort();
      return await this.#send(post, call.signal);
    } catch (error) {
      if (post.signal.aborted) return { kind: 'aborted', message: 'the call was aborted' };
      if (call.signal.aborted)
        return { kind: 'timeout', message: `no answer within ${post.timeoutMs / 1000} seconds` };
      return { kind: 'connection', message: describe(error) };
    } finally {
      clearTimeout(timer);
      post.signal.removeEventListener('abort', abort);
    }
  }

  #send({ url, headers, body, trace }: HttpPost, signal: AbortSignal): Promise<HttpAnswer> {
    const secure = url.protocol === 'https:';
    const send = secure ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        agent: secure ? this.#https : this.#http,
        // Never a part of a signature: who is on the way may set their own.
        headers: { ...headers, ...(trace && traceHeaders(trace)), 'Content-Length': Buffer.byteLength(body) },
        signal,
      };
      send(url, options, (answer) => resolve(this.#read(answer)))
        .on('error', reject)
        .end(body);
    });
  }

  async #read(answer: IncomingMessage): Promise<HttpAnswer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > this.#bodyBytesMax) throw new Error(`the answer exceeds ${this.#bodyBytesMax} bytes`);
      chunks.push(chunk);
    }
    return {
      status: answer.statusCode ?? 0,
      headers: pairs(answer.rawHeaders),
      body: Buffer.concat(chunks).toString('utf8'),
    };
  }
}

/** The value of a header, whatever the letter case of its name. */
export function headerOf(headers: HttpAnswer['headers'], name: string): string | undefined {
  return headers.find(([candidate]) => candidate.toLowerCase() === name.toLowerCase())?.[1];
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    headers.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return headers;
}

/** A name with several addresses fails with an AggregateError, whose own message is empty. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
