/**
 * A collector for tests: takes what an exporter sends by OTLP over HTTP in protobuf.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { decodeLogRecords, type ReceivedLogRecord } from './log-records.ts';
import { decodeMetrics, type ReceivedMetric } from './metrics.ts';
import { decodeSpans, type ReceivedSpan } from './spans.ts';

export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly metrics: ReceivedMetric[] = [];
  readonly logRecords: ReceivedLogRecord[] = [];
  /** The paths of all requests. */
  readonly paths: string[] = [];
  /** What requests are answered with. */
  status = 200;
  readonly #events = new EventEmitter();
  readonly #server = createServer((request, response) => void this.#receive(request, response));

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves as soon as the spans received are as asked. */
  async until(isEnough: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]> {
    while (!isEnough(this.spans)) await once(this.#events, 'received');
    return this.spans;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await buffer(request);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const { status } = this;
    this.paths.push(request.url ?? '');
    if (status === 200 && request.url === '/v1/traces') this.spans.push(...decodeSpans(body));
    if (status === 200 && request.url === '/v1/metrics') this.metrics.push(...decodeMetrics(body));
    if (status === 200 && request.url === '/v1/logs') this.logRecords.push(...decodeLogRecords(body));
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
    this.#events.emit('received');
  }
}
