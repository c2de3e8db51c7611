/**
 * `node bench/http-load.ts ENDPOINT OPERATION INPUT CONNECTIONS SECONDS`: calls an operation over and over, one call at a
 * time on each kept-alive connection, in a process of its own. It reads no more of an answer than where it ends and that
 * it is no error, so that it takes little of the machine. Says over IPC what it has seen.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './statistics.ts';

export interface LoadMessage {
  /** That were answered. */
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly latencyMsP50: number;
  readonly latencyMsP99: number;
  /** Cores that this process was busy with: near one, it measures itself. */
  readonly loadCores: number;
}

const [endpoint = '', operation = '', input = '', connections = '', seconds = ''] = process.argv.slice(2);
const { host, hostname, port } = new URL(endpoint);
const REQUEST = Buffer.from(
  [
    'POST / HTTP/1.1',
    `host: ${host}`,
    'content-type: application/x-amz-json-1.0',
    `x-amz-target: AWSStepFunctions.${operation}`,
    `content-length: ${Buffer.byteLength(input)}`,
    '',
    input,
  ].join('\r\n'),
);
const OK = 'HTTP/1.1 200 ';
const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

const latenciesMs: number[] = [];

function callForEver(): void {
  const socket = connect({ port: Number(port), host: hostname, noDelay: true });
  let received = '';
  let sentAt = 0;
  const send = (): void => {
    received = '';
    sentAt = performance.now();
    socket.write(REQUEST);
  };
  socket.setEncoding('latin1');
  socket.on('connect', send);
  socket.on('close', () => {
    throw new Error('The server has closed a connection');
  });
  socket.on('data', (text: string) => {
    received += text;
    const head = received.indexOf(END_OF_HEAD);
    if (head < 0) return;
    if (!received.startsWith(OK)) throw new Error(received);
    const bytes = Number(CONTENT_LENGTH.exec(received)?.[1]);
    if (received.length < head + END_OF_HEAD.length + bytes) return;
    latenciesMs.push(performance.now() - sentAt);
    send();
  });
}

const begin = performance.now();
const cpuBefore = process.cpuUsage();
for (let n = 0; n < Number(connections); n++) callForEver();
await sleep(Number(seconds) * 1000);
const elapsedMs = performance.now() - begin;
const { user, system } = process.cpuUsage(cpuBefore);
const calls = latenciesMs.length;
const message: LoadMessage = {
  calls,
  callsPerSecond: (calls * 1000) / elapsedMs,
  latencyMsP50: percentile(latenciesMs, 50),
  latencyMsP99: percentile(latenciesMs, 99),
  loadCores: (user + system) / 1000 / elapsedMs,
};
process.send?.(message, () => process.exit());
