/**
 * `node bench/callback-server.ts ENDPOINT`: an HTTP server of functions that take a task token for their payload and answer
 * it at once by SendTaskSuccess, in a process of its own; says its address over IPC.
 */
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const [endpoint = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const headers = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'AWSStepFunctions.SendTaskSuccess',
};

function succeed(taskToken: string): void {
  const calling = request(endpoint, { method: 'POST', headers, agent }, async (response) => {
    const answer = await text(response);
    if (response.statusCode !== 200) throw new Error(`SendTaskSuccess answered ${answer}`);
  });
  calling.end(JSON.stringify({ taskToken, output: '{}' }));
}

const server = createServer(async (received, response) => {
  const { token } = JSON.parse(await text(received)) as { token: string };
  response.end('{}');
  succeed(token);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
