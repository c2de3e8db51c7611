/** `node bench/bare-server.ts`: node:http and nothing else, in a process of its own; says its address over IPC. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const server = createServer(async (received, response) => {
  const body = JSON.stringify(JSON.parse(await text(received)));
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
