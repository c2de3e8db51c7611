/**
 * A Lambda Invoke API for tests: knows which calls are in flight, keeps the key of every call it ever got, and
 * answers when the test says so.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface LambdaCall {
  readonly functionName: string;
  /** `<executionArn>#<scheduledEventId>` */
  readonly idempotencyKey: string;
  readonly payload: unknown;
  /** Sends the function's result. A call whose caller is gone takes it silently. */
  answer(result: unknown): void;
  /** The function ran and failed, with this as its errorType. */
  fail(errorType: string): void;
}

export class LambdaEndpoint {
  /** The keys of all calls, in the order in which they came. */
  readonly receivedKeys: string[] = [];
  readonly #inFlight = new Set<LambdaCall>();
  readonly #arrivals = new EventEmitter();
  // A caller that dies before its request has arrived has not called.
  readonly #server = createServer((request, response) => {
    this.#receive(request, response).catch(() => response.destroy());
  });
  #onCall: ((call: LambdaCall) => void) | undefined;

  static async start(): Promise<LambdaEndpoint> {
    const endpoint = new LambdaEndpoint();
    endpoint.#server.listen(0, '127.0.0.1');
    await once(endpoint.#server, 'listening');
    return endpoint;
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the endpoint does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Calls that have come and have not been answered, without those whose caller is gone. */
  get inFlight(): readonly LambdaCall[] {
    return [...this.#inFlight];
  }

  /** From now on, what happens with each call as it comes (the calls in flight included); undefined: it is held. */
  onCall(handler: ((call: LambdaCall) => void) | undefined): void {
    this.#onCall = handler;
    if (handler) for (const call of this.inFlight) handler(call);
  }

  /** Resolves with the calls in flight as soon as the condition holds of them. */
  async untilInFlight(holds: (calls: readonly LambdaCall[]) => boolean): Promise<readonly LambdaCall[]> {
    while (!holds(this.inFlight)) await once(this.#arrivals, 'call');
    return this.inFlight;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const functionName = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '')?.[1];
    if (functionName === undefined) {
      response.writeHead(404).end();
      return;
    }
    const call: LambdaCall = {
      functionName: decodeURIComponent(functionName),
      idempotencyKey: String(request.headers['statehouse-idempotency-key']),
      payload: JSON.parse((await text(request)) || 'null'),
      answer: (result) => respond({}, result),
      fail: (errorType) =>
        respond({ 'x-amz-function-error': 'Unhandled' }, { errorType, errorMessage: `It is ${errorType}` }),
    };
    const respond = (headers: Readonly<Record<string, string>>, body: unknown): void => {
      this.#inFlight.delete(call);
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    this.receivedKeys.push(call.idempotencyKey);
    this.#inFlight.add(call);
    response.once('close', () => this.#inFlight.delete(call));
    this.#onCall?.(call);
    this.#arrivals.emit('call');
  }
}
