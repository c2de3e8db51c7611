import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Client } from '../../cli/client.ts';

test.each<[what: string, answer: RequestListener]>([
  ['says nothing', () => {}],
  ['stops in the middle of its answer', (_request, response) => void response.write('{"executions"')],
])('a server that %s is not waited for for ever', async (_what, answer) => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new Client(endpoint, undefined, 50);
  await expect(client.call('ListStateMachines', {})).rejects.toThrow(
    `${endpoint} has not answered within 0.05 s.`,
  );
});
