import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TaskResult } from '../../../integrations/integration.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type HttpServer, startHttpServer } from '../fixtures/http-server.ts';
import { call, functionArn, IDEMPOTENCY_KEY, INVOKE, openIntegrations } from '../fixtures/task-call.ts';

const EMULATOR_PATH = '/2015-03-31/functions/function/invocations';
const ERROR = '{"errorType":"StockError","errorMessage":"no","trace":[]}';

/** Invokes function `ship`, which the function map has at this URL; the Invoke API would answer at `lambda`. */
async function invokeShip(
  url: string,
  lambda: HttpServer,
  arn: string,
  input: string,
  more = {},
): Promise<TaskResult> {
  using folder = temporaryFolder();
  const map = join(folder.path, 'functions.json');
  writeFileSync(map, JSON.stringify({ ship: { url, ...more } }));
  const integrations = openIntegrations(map, { AWS_ENDPOINT_URL_LAMBDA: lambda.url });
  try {
    return await call(integrations, arn, input);
  } finally {
    await integrations.close();
  }
}

function answerWith(status: number, body: string, headers: Record<string, string> = {}) {
  return (response: ServerResponse) => void response.writeHead(status, headers).end(body);
}

test('the map comes before the Invoke API', async () => {
  await using lambda = await startHttpServer(answerWith(200, '"lambda"'));
  await using ship = await startHttpServer((response, { body }) => void response.end(body));
  expect(await invokeShip(`${ship.url}/ship?now`, lambda, functionArn('ship'), '{"n":1.0}')).toEqual({
    kind: 'succeeded',
    output: '{"n":1.0}',
  });
  expect(await invokeShip(ship.url, lambda, functionArn('charge'), '{}')).toEqual({
    kind: 'succeeded',
    output: '"lambda"',
  });
  expect(ship.requests).toEqual([
    expect.objectContaining({ method: 'POST', path: '/ship?now', body: '{"n":1.0}' }),
  ]);
  expect(ship.requests[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'statehouse-idempotency-key': IDEMPOTENCY_KEY,
  });
});

test('through lambda:invoke, without a payload', async () => {
  await using server = await startHttpServer((response, { body }) => void response.end(body));
  const result = await invokeShip(server.url, server, INVOKE, '{"FunctionName":"ship"}');
  expect(result).toMatchObject({ kind: 'succeeded', output: expect.stringContaining('"Payload":{},') });
});

test.each([
  ['a status outside 2xx', '/ship', 500, {}],
  ['the header of Lambda', '/ship', 200, { 'X-Amz-Function-Error': 'Unhandled' }],
  ['the runtime emulator’s URL', EMULATOR_PATH, 200, {}],
])('a function error, told by %s', async (_, path, status, headers) => {
  await using server = await startHttpServer(answerWith(status, ERROR, headers));
  expect(await invokeShip(server.url + path, server, functionArn('ship'), '{}')).toEqual({
    kind: 'failed',
    failure: { error: 'StockError', cause: ERROR },
  });
});

test('a result that only looks like an error', async () => {
  await using server = await startHttpServer(answerWith(200, ERROR));
  expect(await invokeShip(server.url, server, functionArn('ship'), '{}')).toEqual({
    kind: 'succeeded',
    output: ERROR,
  });
});

test.each([
  [404, 'ResourceNotFoundException'],
  [429, 'TooManyRequestsException'],
  [500, 'ServiceException'],
  [503, 'AWSLambdaException'],
])('status %d', async (status, error) => {
  await using server = await startHttpServer(answerWith(status, 'plain words'));
  expect(await invokeShip(server.url, server, functionArn('ship'), '{}')).toEqual({
    kind: 'failed',
    failure: { error: `Lambda.${error}`, cause: expect.stringMatching(/^plain words \(/) },
  });
});

test('no answer within timeoutSeconds', async () => {
  await using server = await startHttpServer(() => {});
  expect(await invokeShip(server.url, server, functionArn('ship'), '{}', { timeoutSeconds: 0.2 })).toEqual({
    kind: 'failed',
    failure: {
      error: 'Lambda.SdkClientException',
      cause: `Unable to execute HTTP request: no answer within 0.2 seconds (POST ${server.url}/)`,
    },
  });
});
