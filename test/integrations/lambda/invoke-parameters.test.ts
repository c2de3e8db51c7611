import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Integrations } from '../../../integrations/registry.ts';
import { call, functionArn, INVOKE, openIntegrations } from '../fixtures/task-call.ts';

let integrations: Integrations;
beforeAll(() => {
  integrations = openIntegrations(join(import.meta.dirname, '../fixtures/handlers'));
});
afterAll(() => integrations.close());

const invoke = (input: string) => call(integrations, INVOKE, input);

test.each([
  ['{}', "The field 'FunctionName' is required"],
  ['[]', 'The parameters must be a JSON object'],
  ['{"FunctionName":7}', "The value of the field 'FunctionName' has an invalid format"],
  [
    '{"FunctionName":"echo","InvocationType":"Later"}',
    "The value of the field 'InvocationType' has an invalid format",
  ],
  ['{"FunctionName":"echo","LogType":true}', "The value of the field 'LogType' has an invalid format"],
  [
    '{"FunctionName":"echo","ClientContext":"\\n"}',
    "The value of the field 'ClientContext' has an invalid format",
  ],
  ['{"FunctionName":"echo","Qualifier":[]}', "The value of the field 'Qualifier' has an invalid format"],
  ['{"FunctionName":"echo","constructor":1}', "The field 'constructor' is not supported by Step Functions"],
])('%s cannot be used', async (input, fault) => {
  expect(await invoke(input)).toEqual({
    kind: 'failed',
    failure: {
      error: 'States.Runtime',
      cause: `The Parameters '${input}' could not be used to start the Task: [${fault}]`,
    },
  });
});

test.each([
  ['no name', 'ValidationException', 'AWSLambdaException'],
  ['', 'ValidationException', 'AWSLambdaException'],
  ['arn:aws:s3:::bucket', 'ValidationException', 'AWSLambdaException'],
])('FunctionName %j', async (name, code, error) => {
  expect(await invoke(JSON.stringify({ FunctionName: name }))).toEqual({
    kind: 'failed',
    failure: { error: `Lambda.${error}`, cause: expect.stringContaining(`Error Code: ${code};`) },
  });
});

test('a qualifier of the name and another one', async () => {
  expect(await invoke('{"FunctionName":"echo:1","Qualifier":"2"}')).toEqual({
    kind: 'failed',
    failure: {
      error: 'Lambda.InvalidParameterValueException',
      cause: expect.stringMatching(
        /^The derived qualifier from the function name does not match the specified qualifier\. \(/,
      ),
    },
  });
});

test.each([
  'echo',
  'echo:live',
  'function:echo',
  '000000000000:echo',
  '000000000000:function:echo:$LATEST',
  functionArn('echo'),
  functionArn('echo:7'),
  'arn:aws-cn:lambda:cn-north-1:123456789012:function:echo',
])('FunctionName %s is function echo of the map', async (name) => {
  const result = await invoke(JSON.stringify({ FunctionName: name, Payload: { a: 1 } }));
  expect(result).toMatchObject({ kind: 'succeeded', output: expect.stringContaining('"Payload":{"a":1},') });
});

test('a Payload that is no JSON text', async () => {
  expect(await invoke('{"FunctionName":"echo","Payload":"hello"}')).toEqual({
    kind: 'failed',
    failure: {
      error: 'Lambda.InvalidRequestContentException',
      cause: expect.stringMatching(
        /^Could not parse request body into json: .* \(Service: AWSLambda; Status Code: 400; /,
      ),
    },
  });
});

test('a ClientContext that holds no JSON', async () => {
  expect(await invoke('{"FunctionName":"echo","ClientContext":"AAAA"}')).toMatchObject({
    kind: 'failed',
    failure: {
      error: 'Lambda.InvalidRequestContentException',
      cause: expect.stringMatching(/^Client context must be a valid Base64-encoded JSON object\./),
    },
  });
});

test('a function of the map answers as Lambda does', async () => {
  const result = await invoke('{"FunctionName":"echo","Payload":null}');
  if (result.kind !== 'succeeded') throw new Error(result.failure.cause);
  const output = JSON.parse(result.output);
  expect(Object.keys(output)).toEqual([
    'ExecutedVersion',
    'Payload',
    'SdkHttpMetadata',
    'SdkResponseMetadata',
    'StatusCode',
  ]);
  expect(output).toMatchObject({
    ExecutedVersion: '$LATEST',
    Payload: {},
    SdkHttpMetadata: {
      AllHttpHeaders: { 'x-amzn-RequestId': [output.SdkResponseMetadata.RequestId] },
      HttpHeaders: { 'Content-Length': '2', 'Content-Type': 'application/json' },
      HttpStatusCode: 200,
    },
    StatusCode: 200,
  });
});

test.each([
  ['Event', 202],
  ['DryRun', 204],
])('InvocationType %s of a function of the map', async (type, status) => {
  const result = await invoke(`{"FunctionName":"echo","InvocationType":"${type}"}`);
  if (result.kind !== 'succeeded') throw new Error(result.failure.cause);
  expect(JSON.parse(result.output)).toMatchObject({ Payload: '', StatusCode: status });
});

test.each([
  [functionArn('missing'), '{}', `${functionArn('missing')}:$LATEST`],
  [functionArn('missing:7'), '{}', `${functionArn('missing')}:7`],
  [INVOKE, '{"FunctionName":"missing"}', `${functionArn('missing')}:$LATEST`],
  [INVOKE, '{"FunctionName":"constructor"}', `${functionArn('constructor')}:$LATEST`],
])('%s %s: unmapped, and no endpoint', async (arn, input, missing) => {
  expect(await call(integrations, arn, input)).toEqual({
    kind: 'failed',
    failure: {
      error: 'Lambda.ResourceNotFoundException',
      cause: expect.stringMatching(
        new RegExp(
          `^Function not found: ${missing.replace('$', '\\$')} \\(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [\\w-]{36}; Proxy: null\\)$`,
        ),
      ),
    },
  });
});
