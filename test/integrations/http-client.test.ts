import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type HttpAnswer,
  HttpClient,
  type HttpFault,
  type HttpPost,
} from '../../integrations/http-client.ts';
import { CERTIFICATE, PRIVATE_KEY } from './fixtures/certificate.ts';
import { startHttpServer } from './fixtures/http-server.ts';

let client: HttpClient;
beforeEach(() => {
  client = new HttpClient(1024);
});
afterEach(() => client.close());

function post(url: string, options: Partial<HttpPost> = {}): Promise<HttpAnswer | HttpFault> {
  const signal = new AbortController().signal;
  return client.post({ url: new URL(url), headers: {}, body: '{}', timeoutMs: 60_000, signal, ...options });
}

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

test.each([
  ['is closed', (response: ServerResponse) => response.socket?.destroy()],
  ['is reset', (response: ServerResponse) => response.socket?.resetAndDestroy()],
  ['ends', (response: ServerResponse) => response.socket?.end()],
  ['says nothing of HTTP', (response: ServerResponse) => response.socket?.write('nothing\r\n\r\n')],
])('a request is sent once, also when a connection that served before %s', async (_, breakOff) => {
  await using server = await startHttpServer((response, { path }) => {
    if (path === '/break') breakOff(response);
    else response.end();
  });
  expect(await post(`${server.url}/before`)).toMatchObject({ status: 200 });
  expect(await post(`${server.url}/break`)).toMatchObject({ kind: 'connection' });
  expect(await post(`${server.url}/after`)).toMatchObject({ status: 200 });
  expect(server.requests.map(({ path }) => path)).toEqual(['/before', '/break', '/after']);
});

test('no request waits for another, and connections are used again', async () => {
  const waiting: ServerResponse[] = [];
  await using server = await startHttpServer((response) => {
    if (waiting.push(response) === 300) for (const one of waiting.splice(0)) one.end();
  });
  for (let round = 0; round < 2; round++) {
    const answers = await Promise.all(Array.from({ length: 300 }, () => post(server.url)));
    expect(answers.filter((answer) => 'status' in answer)).toHaveLength(300);
  }
  expect(server.connections.size).toBe(300);
});

test('a connection is not used again that the server is about to close', async () => {
  await using server = await startHttpServer((response, { path }) => {
    response.writeHead(200, { Connection: 'keep-alive', 'Keep-Alive': `timeout=${path.slice(1)}` }).end();
  });
  for (const seconds of [60, 60, 1, 1]) await post(`${server.url}/${seconds}`);
  expect(server.connections.size).toBe(2);
});

test('an answer in pieces, after a provisional one', async () => {
  const bytes = Buffer.from('für');
  await using server = await startHttpServer((response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.writeHead(201, ['X-First', 'a', 'x-Second', '\u00fc', 'X-First', 'b']);
    response.write(bytes.subarray(0, 2), () => response.end(bytes.subarray(2)));
  });
  const answer = await post(server.url);
  expect(answer).toMatchObject({ status: 201, body: 'für' });
  const headers = 'headers' in answer ? answer.headers.slice(0, 3) : [];
  expect(headers).toEqual([
    ['X-First', 'a'],
    ['x-Second', '\u00fc'],
    ['X-First', 'b'],
  ]);
});

test.each([
  ['user:s%C3%A9cret', 'user:sécret'],
  ['%zz', '%zz:'],
])('a URL’s user and password, %s', async (credentials, sent) => {
  await using server = await startHttpServer((response) => void response.end());
  const url = server.url.replace('//', `//${credentials}@`);
  await post(url);
  await post(url, { headers: { Authorization: 'signed' } });
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    `Basic ${Buffer.from(sent).toString('base64')}`,
    'signed',
  ]);
});

test('a header that cannot be sent', async () => {
  await using server = await startHttpServer((response) => void response.end());
  expect(await post(server.url, { headers: { 'X-Two': 'lines\r\nX-Other: 1' } })).toMatchObject({
    kind: 'connection',
    message: expect.stringContaining('X-Two'),
  });
  expect(server.requests).toEqual([]);
});

test.each([
  ['an abort', 'aborted'],
  ['close', 'connection'],
  ['a timeout', 'timeout'],
])('%s ends a connection that is being opened', async (how, kind) => {
  // It takes the connection, and never answers the TLS handshake.
  const server = createServer();
  const port = await portOf(server);
  const controller = new AbortController();
  const timeoutMs = how === 'a timeout' ? 200 : 60_000;
  const answer = post(`https://127.0.0.1:${port}`, { signal: controller.signal, timeoutMs });
  const [socket] = await once(server, 'connection');
  const closed = once(socket.on('error', () => {}).resume(), 'close');
  if (how === 'an abort') controller.abort();
  if (how === 'close') client.close();
  expect(await answer).toMatchObject({ kind });
  await closed;
  server.close();
});

test('over TLS, from a server whose certificate is trusted', async () => {
  const server = createHttpsServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (request, response) => {
    response.end(request.headers.host);
  });
  const port = await portOf(server);
  const trusted = getCACertificates();
  try {
    expect(await post(`https://localhost:${port}/`)).toEqual({
      kind: 'connection',
      message: expect.stringMatching(/^self-signed certificate/),
    });
    setDefaultCACertificates([...trusted, CERTIFICATE]);
    expect(await post(`https://localhost:${port}/`)).toMatchObject({
      status: 200,
      body: `localhost:${port}`,
    });
  } finally {
    setDefaultCACertificates(trusted);
    server.closeAllConnections();
    server.close();
  }
});
