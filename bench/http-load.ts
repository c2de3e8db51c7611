/**
 * `node bench/http-load.ts`: takes its options over IPC and calls an operation over and over, one call at a time on each kept-alive connection, in
 * a process of its own. It reads no more of an answer than where it ends and that it is no error, so that it takes little
 * of the machine. Says over IPC what it has seen.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { percentile } from './statistics.ts';

export interface LoadOptions {
  readonly endpoint: string;
  readonly operation: string;
  readonly input: object;
  /** Beyond those that the protocol asks for. */
  readonly headers?: Readonly<Record<string, string>>;
  /** After each start, the execution's result is waited for before the next. */
  readonly awaited?: boolean;
  readonly connections: number;
  /** When it is over: after so many seconds, or so many calls. */
  readonly seconds?: number;
  readonly calls?: number;
}

export type LoadMessage = LoadMeasured | { readonly problem: string };

export interface LoadMeasured {
  /** That were answered. */
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly latencyMsP50: number;
  readonly latencyMsP95: number;
  readonly latencyMsP99: number;
  /** Cores that this process was busy with: near one, it measures itself. */
  readonly loadCores: number;
}

const [options] = (await once(process, 'message')) as [LoadOptions];
const { endpoint, operation, input, headers = {}, awaited = false, connections } = options;
const { host, hostname, port } = new URL(endpoint);
const BODY = JSON.stringify(input);
const REQUEST = Buffer.from(
  [
    'POST / HTTP/1.1',
    `host: ${host}`,
    'content-type: application/x-amz-json-1.0',
    `x-amz-target: AWSStepFunctions.${operation}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(BODY)}`,
    '',
    BODY,
  ].join('\r\n'),
);
const WAIT_SECONDS = 60;
const READ_BYTES = 16 * 1024;
const OK = 'HTTP/1.1 200 ';
const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const EXECUTION_ARN = /"executionArn":"([^"]+)"/;

process.once('uncaughtException', ({ message: problem }) => {
  process.send?.({ problem }, () => process.exit(1));
});

const latenciesMs: number[] = [];
let sent = 0;
let elapsedMs = 0;

function callUntilTheEnd(): void {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const read = (bytes: number): boolean => {
    receive(buffer.toString('latin1', 0, bytes));
    return true;
  };
  // Read into the one buffer, past the streams: they would cost about as much as the rest of a call.
  const onread = { buffer, callback: read };
  const socket = connect({ port: Number(port), host: hostname, noDelay: true, onread });
  let received = '';
  let sentAt = 0;
  let waits = false;
  const next = (): void => {
    if (isOver()) return void socket.destroySoon();
    sent++;
    sentAt = performance.now();
    socket.write(REQUEST);
  };
  const take = (answer: string): void => {
    if (awaited && !waits) {
      waits = true;
      socket.write(waitFor(EXECUTION_ARN.exec(answer)?.[1] ?? ''));
      return;
    }
    if (waits && !answer.includes('"status":"SUCCEEDED"')) throw new Error(answer);
    waits = false;
    elapsedMs = performance.now() - begin;
    latenciesMs.push(performance.now() - sentAt);
    next();
  };
  socket.on('connect', next);
  socket.on('close', () => {
    if (!isOver()) throw new Error('The server has closed a connection');
  });
  function receive(text: string): void {
    received += text;
    const head = received.indexOf(END_OF_HEAD);
    if (head < 0) return;
    if (!received.startsWith(OK)) throw new Error(received);
    const bytes = Number(CONTENT_LENGTH.exec(received)?.[1]);
    if (received.length < head + END_OF_HEAD.length + bytes) return;
    const answer = received;
    received = '';
    take(answer);
  }
}

function isOver(): boolean {
  const { calls = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY } = options;
  return sent >= calls || performance.now() - begin >= seconds * 1000;
}

function waitFor(executionArn: string): string {
  const path = `/api/v1/executions/${encodeURIComponent(executionArn)}?wait=${WAIT_SECONDS}`;
  return `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
}

const begin = performance.now();
const cpuBefore = process.cpuUsage();
for (let n = 0; n < connections; n++) callUntilTheEnd();
// Nothing is left to do when all connections are closed.
process.once('beforeExit', () => {
  const { user, system } = process.cpuUsage(cpuBefore);
  const message: LoadMeasured = {
    calls: latenciesMs.length,
    callsPerSecond: (latenciesMs.length * 1000) / elapsedMs,
    latencyMsP50: percentile(latenciesMs, 50),
    latencyMsP95: percentile(latenciesMs, 95),
    latencyMsP99: percentile(latenciesMs, 99),
    loadCores: (user + system) / 1000 / elapsedMs,
  };
  process.send?.(message, () => process.exit());
});
