import querystring from 'node:querystring';
import type { Dispatcher } from 'undici';
import { type AttemptTrace, traceHeaders } from '../runtime/index.ts';
import type { RequestSpans } from '../telemetry/traces/request-spans.ts';
import type { HttpConnections } from './http-connections.ts';

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

/**
 * POSTs over kept-alive connections. A request is sent once: it is not repeated on a broken connection, because
 * the other side may have acted on it, and redirects are not followed.
 */
export class HttpClient {
  readonly #bodyBytesMax: number;
  readonly #spans: RequestSpans | undefined;
  #connections: Promise<HttpConnections> | undefined;

  /** @param spans undefined: requests are not recorded */
  constructor(bodyBytesMax: number, spans?: RequestSpans) {
    this.#bodyBytesMax = bodyBytesMax;
    this.#spans = spans;
  }

  /** Answers of any status are answers; faults are returned, nothing is thrown. */
  async post(post: HttpPost): Promise<HttpAnswer | HttpFault> {
    this.#connections ??= openConnections();
    const connections = await this.#connections;
    const { trace, url } = post;
    const span = trace?.isRecorded ? this.#spans?.start(trace, { method: 'POST', url }) : undefined;
    const answer = await this.#send(connections, span === undefined ? post : { ...post, trace: span.trace });
    span?.end('kind' in answer ? answer.kind : answer.status);
    return answer;
  }

  close(): void {
    void this.#connections?.then((connections) => connections.close());
  }

  #send(connections: HttpConnections, post: HttpPost): Promise<HttpAnswer | HttpFault> {
    const { url, signal, timeoutMs } = post;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(ABORTED);
      const connection = connections.take(url.origin);
      const settle = (outcome: HttpAnswer | HttpFault) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        resolve(outcome);
        // The request fails of it, if it is still under way: that outcome comes too late.
        if ('kind' in outcome) connections.discard(connection);
        else connections.giveBack(connection);
      };
      const abort = () => settle(ABORTED);
      const timer = setTimeout(
        () => settle({ kind: 'timeout', message: `no answer within ${timeoutMs / 1000} seconds` }),
        timeoutMs,
      );
      signal.addEventListener('abort', abort);
      connection.send(requestOf(post), new AnswerReader(this.#bodyBytesMax, settle));
    });
  }
}

const ABORTED: HttpFault = { kind: 'aborted', message: 'the call was aborted' };

/** When the first request is sent: loading what it takes is not for processes that send none. */
async function openConnections(): Promise<HttpConnections> {
  const { HttpConnections } = await import('./http-connections.ts');
  return new HttpConnections();
}

function requestOf({ url, headers, body, trace }: HttpPost): Dispatcher.DispatchOptions {
  return {
    method: 'POST',
    path: url.pathname + url.search,
    // The trace is never a part of a signature: who is on the way may set their own.
    headers: { ...basicAuthorization(url), ...headers, ...(trace && traceHeaders(trace)) },
    body,
  };
}

/** As the URL's user and password ask for; what the request's own headers say comes before it. */
function basicAuthorization({ username, password }: URL): { Authorization: string } | undefined {
  if (username === '' && password === '') return undefined;
  const credentials = Buffer.from(`${querystring.unescape(username)}:${querystring.unescape(password)}`);
  return { Authorization: `Basic ${credentials.toString('base64')}` };
}

class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #bodyBytesMax: number;
  readonly #settle: (outcome: HttpAnswer | HttpFault) => void;
  readonly #chunks: Buffer[] = [];
  #isSent = false;
  #bodyBytes = 0;
  #status = 0;
  #headers: HttpAnswer['headers'] = [];

  /** @param settle told of the answer, or of what went wrong, also after it has been told */
  constructor(bodyBytesMax: number, settle: (outcome: HttpAnswer | HttpFault) => void) {
    this.#bodyBytesMax = bodyBytesMax;
    this.#settle = settle;
  }

  /** undici may begin a request anew that it has sent on a connection which broke: it must not be sent again. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isSent) controller.abort(new Error('the connection was lost'));
    this.#isSent = true;
  }

  /** Of an answer that comes after provisional ones, the last counts. */
  onResponseStart({ rawHeaders }: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
    this.#headers = pairs(rawHeaders);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > this.#bodyBytesMax)
      this.#settle({ kind: 'connection', message: `the answer exceeds ${this.#bodyBytesMax} bytes` });
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.#chunks).toString('utf8');
    this.#settle({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#settle({ kind: 'connection', message: describe(error) });
  }
}

/** The value of a header, whatever the letter case of its name. */
export function headerOf(headers: HttpAnswer['headers'], name: string): string | undefined {
  return headers.find(([candidate]) => candidate.toLowerCase() === name.toLowerCase())?.[1];
}

/** HTTP/1.1's are a list; one character a byte, as in node:http. */
function pairs(rawHeaders: Dispatcher.DispatchController['rawHeaders']): [string, string][] {
  const texts = (rawHeaders as Buffer[]).map((bytes) => bytes.toString('latin1'));
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < texts.length; i += 2) headers.push([texts[i] ?? '', texts[i + 1] ?? '']);
  return headers;
}

/** A name with several addresses fails with an AggregateError, whose own message is empty. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
