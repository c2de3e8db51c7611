import { expect, test } from 'vitest';
import { createLogGroups } from '../../../integrations/logs/log-groups.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { startHttpServer } from '../fixtures/http-server.ts';

const logger = createLogger('silent');
const arnOf = (name: string) => `arn:aws:logs:eu-west-1:000000000000:log-group:${name}:*`;

async function exists(name: string, env: NodeJS.ProcessEnv): Promise<boolean | undefined> {
  const logGroups = createLogGroups(env, logger);
  try {
    return await logGroups?.exists(arnOf(name));
  } finally {
    logGroups?.close();
  }
}

test('CloudWatch Logs is asked for the groups that begin with the name', async () => {
  const logGroups = [{ logGroupName: '/states/orders' }, { logGroupName: '/states/orders-2' }];
  await using server = await startHttpServer((response) => response.end(JSON.stringify({ logGroups })));
  const env = {
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  expect(await exists('/states/orders', env)).toBe(true);
  expect(await exists('/states/order', env)).toBe(false);
  expect(server.requests[0]).toMatchObject({
    method: 'POST',
    path: '/',
    body: '{"logGroupNamePrefix":"/states/orders"}',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.DescribeLogGroups',
      authorization: expect.stringMatching(/Credential=key\/\d{8}\/eu-west-1\/logs\/aws4_request/),
    },
  });
});

test('without credentials the request goes unsigned', async () => {
  await using server = await startHttpServer((response) => response.end('{"logGroups":[]}'));
  expect(await exists('g', { AWS_ENDPOINT_URL: server.url })).toBe(false);
  expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
});

test.each([
  [200, 'no JSON'],
  [200, '{}'],
  [400, '{"__type":"UnknownOperationException"}'],
  [500, '{"logGroups":[]}'],
])('an answer %d with %s says nothing', async (status, body) => {
  await using server = await startHttpServer((response) => response.writeHead(status).end(body));
  expect(await exists('g', { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url })).toBe(true);
});

test('nobody there says nothing', async () => {
  const server = await startHttpServer(() => {});
  await server[Symbol.asyncDispose]();
  expect(await exists('g', { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url })).toBe(true);
  expect(createLogGroups({}, logger)).toBeUndefined();
});
