import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { TaskResult } from '../../../integrations/integration.ts';
import { type HttpServer, startHttpServer } from '../fixtures/http-server.ts';
import { call, functionArn, IDEMPOTENCY_KEY, INVOKE, openIntegrations } from '../fixtures/task-call.ts';

const REQUEST_ID = '11111111-2222-3333-4444-555555555555';

/** Invokes with the Lambda endpoint of this server, and closes what was opened. */
async function invokeAt(
  server: Pick<HttpServer, 'url'>,
  arn: string,
  input: string,
  {
    env,
    ...options
  }: {
    readonly env?: NodeJS.ProcessEnv;
    readonly signal?: AbortSignal;
    readonly idempotencyKey?: string;
  } = {},
): Promise<TaskResult> {
  const integrations = openIntegrations(undefined, { AWS_ENDPOINT_URL_LAMBDA: server.url, ...env });
  try {
    return await call(integrations, arn, input, options);
  } finally {
    await integrations.close();
  }
}

function answerWith(status: number, body: string, headers: Record<string, string | string[]> = {}) {
  return (response: ServerResponse) =>
    void response.writeHead(status, { 'x-amzn-RequestId': REQUEST_ID, ...headers }).end(body);
}

const echo = (response: ServerResponse, { body }: { body: string }) => void response.end(body);

test('an ARN as Resource: the texts pass as they are, numbers and all', async () => {
  await using server = await startHttpServer(echo);
  const input = '{ "total": 1.0, "id": 12345678901234567890, "__proto__": 1e3 }';
  expect(await invokeAt(server, functionArn('charge'), input)).toEqual({ kind: 'succeeded', output: input });
  expect(server.requests).toEqual([
    expect.objectContaining({
      method: 'POST',
      path: '/2015-03-31/functions/charge/invocations',
      body: input,
    }),
  ]);
  expect(server.requests[0]?.headers).toMatchObject({
    'x-amz-invocation-type': 'RequestResponse',
    'statehouse-idempotency-key': IDEMPOTENCY_KEY,
    'content-type': 'application/json',
  });
  expect(server.requests[0]?.headers.authorization).toBeUndefined();
});

test('an idempotency key with letters that no header can hold', async () => {
  await using server = await startHttpServer(echo);
  const idempotencyKey =
    'arn:aws:states:us-east-1:000000000000:execution:shop:Bestellung-für-\ud83d\ude80-\ud800#3';
  await invokeAt(server, functionArn('charge'), '{}', { idempotencyKey });
  expect(server.requests[0]?.headers['statehouse-idempotency-key']).toBe(
    'arn:aws:states:us-east-1:000000000000:execution:shop:Bestellung-f%C3%BCr-%F0%9F%9A%80-%EF%BF%BD#3',
  );
});

test.each([
  [functionArn('charge:live'), '/2015-03-31/functions/charge/invocations?Qualifier=live'],
  [functionArn('charge:$LATEST'), '/2015-03-31/functions/charge/invocations?Qualifier=%24LATEST'],
  [
    'arn:aws:lambda:eu-west-1:123456789012:function:charge:2',
    '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Acharge/invocations?Qualifier=2',
  ],
])('%s is called at %s', async (arn, path) => {
  await using server = await startHttpServer(echo);
  await invokeAt(server, arn, '{}');
  expect(server.requests[0]?.path).toBe(path);
});

test('lambda:invoke gives the response as AWS’s SDK has it', async () => {
  await using server = await startHttpServer(
    answerWith(200, '{"total":1.0}', {
      Date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      'X-Amz-Executed-Version': '$LATEST',
      'X-Amz-Log-Result': 'bG9n',
      'x-twice': ['a', 'b'],
      'Content-Length': '13',
    }),
  );
  const input = '{"FunctionName":"charge","Payload":{"amount":2.50},"LogType":"Tail","ClientContext":"e30="}';
  expect(await invokeAt(server, INVOKE, input)).toEqual({
    kind: 'succeeded',
    output:
      '{"ExecutedVersion":"$LATEST","LogResult":"bG9n","Payload":{"total":1.0},"SdkHttpMetadata":{' +
      '"AllHttpHeaders":{"Connection":["keep-alive"],"Content-Length":["13"],"Date":["Thu, 01 Jan 2026 00:00:00 GMT"],' +
      '"Keep-Alive":["timeout=5"],"X-Amz-Executed-Version":["$LATEST"],"X-Amz-Log-Result":["bG9n"],' +
      `"x-amzn-RequestId":["${REQUEST_ID}"],"x-twice":["a","b"]},` +
      '"HttpHeaders":{"Connection":"keep-alive","Content-Length":"13","Date":"Thu, 01 Jan 2026 00:00:00 GMT",' +
      '"Keep-Alive":"timeout=5","X-Amz-Executed-Version":"$LATEST","X-Amz-Log-Result":"bG9n",' +
      `"x-amzn-RequestId":"${REQUEST_ID}","x-twice":"b"},"HttpStatusCode":200},` +
      `"SdkResponseMetadata":{"RequestId":"${REQUEST_ID}"},"StatusCode":200}`,
  });
  expect(server.requests[0]?.body).toBe('{"amount":2.50}');
  expect(server.requests[0]?.headers).toMatchObject({
    'x-amz-log-type': 'Tail',
    'x-amz-client-context': 'e30=',
  });
});

test.each([
  ['a string is sent as it is', '"0.0"', '0.0', '0.0'],
  ['null is sent as nothing', 'null', '', '""'],
  ['an answer that is not JSON is a string', '"<html>"', '<html>', '"<html>"'],
  ['an object is sent as JSON', '{"a":[1.0]}', '{"a":[1.0]}', '{"a":[1.0]}'],
])('lambda:invoke, Payload: %s', async (_, payload, body, result) => {
  await using server = await startHttpServer(echo);
  const answer = await invokeAt(server, INVOKE, `{"FunctionName":"charge","Payload":${payload}}`);
  expect(server.requests[0]?.body).toBe(body);
  expect(answer).toMatchObject({
    kind: 'succeeded',
    output: expect.stringContaining(`"Payload":${result},"SdkHttp`),
  });
});

test('lambda:invoke.waitForTaskToken and InvocationType', async () => {
  await using server = await startHttpServer(answerWith(202, ''));
  const input = '{"FunctionName":"charge","InvocationType":"Event","Payload":{}}';
  const result = await invokeAt(server, `${INVOKE}.waitForTaskToken`, input);
  expect(result).toMatchObject({ kind: 'succeeded', output: expect.stringContaining('"StatusCode":202') });
  expect(server.requests[0]?.headers['x-amz-invocation-type']).toBe('Event');
});

test.each([
  ['{"errorMessage":"no","errorType":"StockError","requestId":"r","stackTrace":[]}', 'StockError'],
  [
    '{"errorMessage":"RequestId: r Error: Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}',
    'Sandbox.Timedout',
  ],
  ['{"errorMessage":"no type"}', 'Lambda.Unknown'],
  ['{"errorType":""}', 'Lambda.Unknown'],
  ['{"errorType":7}', 'Lambda.Unknown'],
  ['null', 'Lambda.Unknown'],
  ['not JSON', 'Lambda.Unknown'],
])('a function error %s', async (payload, error) => {
  await using server = await startHttpServer(
    answerWith(200, payload, { 'X-Amz-Function-Error': 'Unhandled' }),
  );
  const failed: TaskResult = { kind: 'failed', failure: { error, cause: payload } };
  expect(await invokeAt(server, functionArn('charge'), '{}')).toEqual(failed);
  expect(await invokeAt(server, INVOKE, '{"FunctionName":"charge"}')).toEqual(failed);
});

test.each([
  [
    404,
    { 'x-amzn-ErrorType': 'ResourceNotFoundException' },
    '{"Type":"User","Message":"gone"}',
    'ResourceNotFoundException',
    'gone',
    'ResourceNotFoundException',
  ],
  [
    429,
    { 'x-amzn-ErrorType': 'TooManyRequestsException:http://x/' },
    '{"message":"Rate Exceeded."}',
    'TooManyRequestsException',
    'Rate Exceeded.',
    'TooManyRequestsException',
  ],
  [
    500,
    {},
    '{"__type":"com.amazonaws#ServiceException","message":"oops"}',
    'ServiceException',
    'oops',
    'ServiceException',
  ],
  [
    403,
    { 'x-amzn-ErrorType': 'AccessDeniedException' },
    '{"Message":"no"}',
    'AWSLambdaException',
    'no',
    'AccessDeniedException',
  ],
  [404, {}, '', 'ResourceNotFoundException', 'null', 'null'],
  [429, {}, 'slow down', 'TooManyRequestsException', 'slow down', 'null'],
  [500, {}, '', 'ServiceException', 'null', 'null'],
  [502, {}, '<html>Bad Gateway</html>', 'AWSLambdaException', '<html>Bad Gateway</html>', 'null'],
  [302, { location: '/elsewhere' }, '', 'AWSLambdaException', 'null', 'null'],
])('status %d %o %s is Lambda.%s', async (status, headers, body, error, message, code) => {
  await using server = await startHttpServer(answerWith(status, body, headers));
  expect(await invokeAt(server, functionArn('charge'), '{}')).toEqual({
    kind: 'failed',
    failure: {
      error: `Lambda.${error}`,
      cause: `${message} (Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: ${REQUEST_ID}; Proxy: null)`,
    },
  });
  expect(server.requests).toHaveLength(1);
});

test('an ARN as Resource: an answer that is not JSON fails', async () => {
  await using server = await startHttpServer(answerWith(200, 'pong'));
  expect(await invokeAt(server, functionArn('charge'), '{}')).toEqual({
    kind: 'failed',
    failure: { error: 'Lambda.Unknown', cause: expect.stringContaining('pong') },
  });
});

test('an answer without an end', async () => {
  await using server = await startHttpServer((response) => {
    const more = () =>
      void (response.write('x'.repeat(1024 * 1024)) ? setImmediate(more) : response.once('drain', more));
    more();
  });
  expect(await invokeAt(server, functionArn('charge'), '{}')).toEqual({
    kind: 'failed',
    failure: { error: 'Lambda.SdkClientException', cause: expect.stringMatching(/exceeds \d+ bytes/) },
  });
});

test('nobody answers at the endpoint', async () => {
  const { url } = await startHttpServer(echo).then(async (server) => {
    await server[Symbol.asyncDispose]();
    return server;
  });
  expect(await invokeAt({ url: url.replace('//', '//user:secret@') }, functionArn('charge'), '{}')).toEqual({
    kind: 'failed',
    failure: {
      error: 'Lambda.SdkClientException',
      cause: `Unable to execute HTTP request: connect ECONNREFUSED ${url.slice('http://'.length)} (POST ${url}/2015-03-31/functions/charge/invocations)`,
    },
  });
});

test('a connection that breaks is not tried again', async () => {
  await using server = await startHttpServer((response) => void response.destroy());
  expect(await invokeAt(server, functionArn('charge'), '{}')).toMatchObject({
    kind: 'failed',
    failure: { error: 'Lambda.SdkClientException' },
  });
  expect(server.requests).toHaveLength(1);
});

test('an answer that breaks off', async () => {
  await using server = await startHttpServer((response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('{"half":', () => response.destroy());
  });
  expect(await invokeAt(server, functionArn('charge'), '{}')).toMatchObject({
    kind: 'failed',
    failure: { error: 'Lambda.SdkClientException' },
  });
});

test('an abort closes the connection', async () => {
  const controller = new AbortController();
  const left = Promise.withResolvers<void>();
  await using server = await startHttpServer((response) => {
    response.once('close', () => left.resolve());
    controller.abort();
  });
  const result = await invokeAt(server, functionArn('charge'), '{}', { signal: controller.signal });
  expect(result).toEqual({
    kind: 'failed',
    failure: { error: 'Lambda.SdkClientException', cause: expect.stringContaining('is unknown') },
  });
  await left.promise;
});

test('an attempt that is aborted already is not sent', async () => {
  await using server = await startHttpServer(echo);
  await invokeAt(server, functionArn('charge'), '{}', { signal: AbortSignal.abort() });
  expect(server.requests).toEqual([]);
});

test('connections are kept, and gone after close', async () => {
  await using server = await startHttpServer(echo);
  const integrations = openIntegrations(undefined, { AWS_ENDPOINT_URL: `${server.url}/` });
  for (let i = 0; i < 5; i++) await call(integrations, functionArn('charge'), '{}');
  expect(server.requests).toHaveLength(5);
  expect(server.connections.size).toBe(1);
  const closed = [...server.connections].map((socket) => once(socket, 'close'));
  await integrations.close();
  await Promise.all(closed);
});

test('close ends a call under way', async () => {
  const arrived = Promise.withResolvers<void>();
  await using server = await startHttpServer(() => arrived.resolve());
  const integrations = openIntegrations(undefined, { AWS_ENDPOINT_URL: server.url });
  const result = call(integrations, functionArn('charge'), '{}');
  await arrived.promise;
  await integrations.close();
  expect(await result).toMatchObject({ kind: 'failed', failure: { error: 'Lambda.SdkClientException' } });
});

test('with credentials in the environment, requests are signed', async () => {
  await using server = await startHttpServer(echo);
  const env = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };
  await invokeAt(server, functionArn('charge'), '{}', { env });
  const { authorization, ...headers } = server.requests[0]?.headers ?? {};
  expect(headers).toMatchObject({
    'x-amz-security-token': 'token',
    'x-amz-date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
  });
  expect(authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-east-1\/lambda\/aws4_request, SignedHeaders=content-type;host;statehouse-idempotency-key;x-amz-date;x-amz-invocation-type;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  );
});
