import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { post, startTestApi, type TestApi } from './test-api.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000';
let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

describe('a body that is no request', () => {
  const deep = (open: string, close: string) => `${open.repeat(100_000)}${close.repeat(100_000)}`;
  it.each<[string, string | Buffer]>([
    ['text', 'hello'],
    ['cut JSON', '{"stateMachineArn": "a'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['two values', '{}{}'],
    ['a trailing comma', '{"stateMachineArn":"a",}'],
    ['single quotes', "{'stateMachineArn':'a'}"],
    ['NaN', '{"maxResults":NaN}'],
    ['invalid UTF-8', Buffer.from('{"stateMachineArn":"\xff\xfe"}', 'latin1')],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
    ['a lone surrogate', '{"stateMachineArn":"\\ud800"}'],
    ['deep lists', deep('[', ']')],
    ['a deep object as a member', `{"stateMachineArn":${deep('{"a":', '}').replace(/:}/, ':1}')}}`],
    ['a number for a string', '{"stateMachineArn":1}'],
    ['a decimal for a string', '{"stateMachineArn":1.5}'],
    ['a boolean for a string', '{"stateMachineArn":true}'],
    ['a list for a string', '{"stateMachineArn":["a"]}'],
    ['an object for a string', '{"stateMachineArn":{"constructor":"a"}}'],
    ['a string for an integer', '{"maxResults":"5"}'],
    ['a decimal for an integer', '{"maxResults":5.5}'],
    ['a huge integer', '{"maxResults":1e300}'],
    ['a 33 bit integer', '{"maxResults":4294967296}'],
  ])('%s is a SerializationException', async (_what, payload) => {
    const response = await post(test.api, 'ListExecutions', payload);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toBe('application/x-amz-json-1.0');
    expect(response.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(response.payload)).toEqual({
      __type: 'SerializationException',
      message: expect.any(String),
    });
  });

  it('is told which member is wrong', async () => {
    expect(await test.fail('CreateStateMachine', { tags: [{ key: 'a' }, { key: 1 }] })).toEqual({
      status: 400,
      type: 'SerializationException',
      message: "NUMBER_VALUE can not be converted to a String (at 'tags.2.member.key')",
    });
    expect(await test.fail('CreateStateMachine', { loggingConfiguration: 'OFF' })).toMatchObject({
      message: "STRING_VALUE can not be converted to a structure (at 'loggingConfiguration')",
    });
    expect(await test.fail('CreateStateMachine', { tags: {} })).toMatchObject({
      message: "START_OBJECT can not be converted to a list (at 'tags')",
    });
  });

  it('may be empty, and may have members that nobody knows', async () => {
    expect((await post(test.api, 'ListStateMachines', '')).statusCode).toBe(200);
    const unknown = '{"__proto__":{"maxResults":"x"},"constructor":1,"toString":null,"maxResults":null}';
    expect((await post(test.api, 'ListStateMachines', unknown)).statusCode).toBe(200);
  });

  it('may not be larger than 1 MiB', async () => {
    const response = await post(test.api, 'ListStateMachines', `{"nextToken":"${'a'.repeat(1024 * 1024)}"}`);
    expect(response.statusCode).toBe(413);
    expect(JSON.parse(response.payload)).toEqual({
      __type: 'RequestEntityTooLargeException',
      message: 'Request size exceeded the limit of 1048576 bytes',
    });
  });
});

describe('a constraint that does not hold', () => {
  const detected = (count: string, ...violations: string[]) => `${count} detected: ${violations.join('; ')}`;
  it.each([
    [
      'ListExecutions',
      { stateMachineArn: 'a', maxResults: 1001 },
      detected(
        '1 validation error',
        "Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
      ),
    ],
    [
      'ListExecutions',
      { stateMachineArn: 'a', statusFilter: 'succeeded', maxResults: -1 },
      detected(
        '2 validation errors',
        "Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
        "Value '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0",
      ),
    ],
    [
      'CreateStateMachine',
      { name: 'a'.repeat(81), definition: '', encryptionConfiguration: {} },
      detected(
        '4 validation errors',
        `Value '${'a'.repeat(81)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80`,
        "Value at 'definition' failed to satisfy constraint: Member must have length greater than or equal to 1",
        "Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
        "Value null at 'encryptionConfiguration.type' failed to satisfy constraint: Member must not be null",
      ),
    ],
    [
      'CreateStateMachine',
      { name: 'a', definition: '{}', roleArn: 'a', tags: [{ key: 'a' }, { key: '' }] },
      detected(
        '1 validation error',
        "Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ),
    ],
    [
      'StartExecution',
      { stateMachineArn: 'a', traceHeader: 'é' },
      detected(
        '1 validation error',
        "Value 'é' at 'traceHeader' failed to satisfy constraint: Member must satisfy regular expression pattern: \\p{ASCII}*",
      ),
    ],
    [
      'StopExecution',
      { executionArn: 'a', error: 'e'.repeat(257), cause: 'c'.repeat(32_769) },
      detected(
        '2 validation errors',
        "Value at 'error' failed to satisfy constraint: Member must have length less than or equal to 256",
        "Value at 'cause' failed to satisfy constraint: Member must have length less than or equal to 32768",
      ),
    ],
    [
      'SendTaskSuccess',
      {},
      detected(
        '2 validation errors',
        "Value null at 'taskToken' failed to satisfy constraint: Member must not be null",
        "Value null at 'output' failed to satisfy constraint: Member must not be null",
      ),
    ],
  ])('%s %#: is a ValidationException', async (operation, input, message) => {
    expect(await test.fail(operation, input)).toEqual({ status: 400, type: 'ValidationException', message });
  });

  it('counts the bytes of a payload', async () => {
    const fitting = JSON.stringify('é'.repeat(131_071));
    expect(await test.fail('SendTaskSuccess', { taskToken: 'a', output: fitting })).toMatchObject({
      type: 'InvalidToken',
    });
    expect(await test.fail('SendTaskSuccess', { taskToken: 'a', output: `${fitting} ` })).toMatchObject({
      message: expect.stringContaining('Member must have length less than or equal to 262144'),
    });
  });

  it('does not get an answer larger than the request deserves', async () => {
    const tags = Array.from({ length: 50_000 }, () => ({ key: '' }));
    const failure = await test.fail('CreateStateMachine', { name: 'x'.repeat(100_000), tags });
    expect(failure.type).toBe('ValidationException');
    expect(failure.message.length).toBeLessThan(50_000);
  });
});

describe('an operation that there is not', () => {
  it.each([
    ['AWSStepFunctions.Nonsense'],
    ['AWSStepFunctions.constructor'],
    ['AWSStepFunctions.__proto__'],
    ['AWSStepFunctions.startExecution'],
    ['DynamoDB_20120810.ListTables'],
    [''],
  ])('%j is an UnknownOperationException', async (target) => {
    const response = await post(test.api, '', '{}', { 'x-amz-target': target });
    expect(response.statusCode).toBe(404);
    expect(JSON.parse(response.payload)).toMatchObject({ __type: 'UnknownOperationException' });
  });

  it.each(['StartSyncExecution', 'CreateActivity', 'PublishStateMachineVersion'])(
    '%s is said to be unsupported',
    async (operation) => {
      expect(await test.fail(operation, {})).toEqual({
        status: 501,
        type: 'UnsupportedOperationException',
        message: `Statehouse does not support the operation ${operation} yet`,
      });
    },
  );
});

describe('a request to nowhere', () => {
  it.each([
    ['GET', '/'],
    ['PUT', '/'],
    ['POST', '/other'],
    ['GET', '/api/v1/executions'],
    ['GET', '/%zz'],
    ['GET', '/..%2f..%2fetc/passwd'],
    ['DELETE', '/healthz'],
  ] as const)('%s %s', async (method, url) => {
    const response = await test.api.inject({ method, url });
    expect([400, 404]).toContain(response.statusCode);
    expect(JSON.parse(response.payload)).toEqual({ __type: expect.any(String), message: expect.any(String) });
    expect(response.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(['text/plain', 'application/json', 'multipart/form-data', 'x', 'application/x-amz-json-1.2'])(
    'as %s',
    async (contentType) => {
      const response = await post(test.api, 'ListStateMachines', '{}', { 'content-type': contentType });
      expect(response.statusCode).toBe(400);
      expect(JSON.parse(response.payload)).toMatchObject({ __type: 'SerializationException' });
    },
  );
});

describe('bytes that are no HTTP', () => {
  it.each([
    ['noise', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['a bad header', 'POST / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n', 400],
    ['huge headers', `POST / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`, 413],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 400],
  ])('%s', async (_what, bytes, status) => {
    const { port } = await listening();
    const socket = connect(port, '127.0.0.1');
    socket.write(bytes);
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    await once(socket, 'close');
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
      __type: expect.any(String),
      message: expect.any(String),
    });
  });

  let address: Promise<{ port: number }> | undefined;
  function listening() {
    address ??= test.api.listen({ host: '127.0.0.1', port: 0 });
    return address;
  }
});

it.each([`${ARN}:stateMachine:a`, `${ARN}:stateMachine:${'x'.repeat(230)}`, '"', "'", '\\', '%00', '{}'])(
  'never fails on %j in any member that is a text',
  async (text) => {
    for (const [operation, members] of Object.entries(TEXT_MEMBERS)) {
      const input = Object.fromEntries(members.map((member) => [member, text]));
      const response = await post(test.api, operation, JSON.stringify(input));
      expect(response.statusCode, `${operation}: ${response.payload}`).toBeLessThan(500);
    }
  },
);

const TEXT_MEMBERS = {
  CreateStateMachine: ['name', 'definition', 'roleArn'],
  UpdateStateMachine: ['stateMachineArn', 'definition', 'roleArn'],
  DescribeStateMachine: ['stateMachineArn'],
  DeleteStateMachine: ['stateMachineArn'],
  ListStateMachines: ['nextToken'],
  ValidateStateMachineDefinition: ['definition'],
  StartExecution: ['stateMachineArn', 'name', 'input', 'traceHeader'],
  DescribeExecution: ['executionArn'],
  StopExecution: ['executionArn', 'error', 'cause'],
  ListExecutions: ['stateMachineArn', 'nextToken'],
  GetExecutionHistory: ['executionArn', 'nextToken'],
  DescribeStateMachineForExecution: ['executionArn'],
  SendTaskSuccess: ['taskToken', 'output'],
  SendTaskFailure: ['taskToken', 'error', 'cause'],
  SendTaskHeartbeat: ['taskToken'],
};
