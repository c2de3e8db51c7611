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
    ['nothing', ''],
    ['a string', '"a"'],
    ['1 MiB of open lists', '['.repeat(1024 * 1024)],
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

  it.each<[string, object, string]>([
    ['a number for a string', { name: 1 }, 'NUMBER_VALUE can not be converted to a String'],
    ['a decimal for a string', { name: 1.5 }, 'NUMBER_VALUE can not be converted to a String'],
    ['true for a string', { name: true }, 'TRUE_VALUE can not be converted to a String'],
    ['false for a string', { name: false }, 'FALSE_VALUE can not be converted to a String'],
    ['a list for a string', { name: ['a'] }, 'Start of list found where not expected'],
    ['an object for a string', { name: {} }, 'Start of structure or map found where not expected.'],
    ['a string for a Boolean', { publish: 'true' }, 'STRING_VALUE can not be converted to a Boolean'],
    ['a number for a Boolean', { publish: 1 }, 'NUMBER_VALUE can not be converted to a Boolean'],
    ['a list for a Boolean', { publish: [] }, 'Start of list found where not expected'],
    ['a string for a structure', { loggingConfiguration: 'OFF' }, 'Expected null'],
    ['a number for a structure', { tracingConfiguration: 1 }, 'Expected null'],
    ['a list for a structure', { loggingConfiguration: [] }, 'Start of list found where not expected'],
    ['a string for a list', { tags: 'a' }, 'Expected list or null'],
    ['an object for a list', { tags: {} }, 'Start of structure or map found where not expected.'],
  ])('is told that there is %s', async (_what, input, words) => {
    expect(await test.fail('CreateStateMachine', input)).toEqual({
      status: 400,
      type: 'SerializationException',
      message: `${words} (at '${Object.keys(input)[0]}')`,
    });
  });

  it('is told where in a list of structures the fault is', async () => {
    expect(await test.fail('CreateStateMachine', { tags: [{ key: 'a' }, { key: 1 }] })).toMatchObject({
      message: "NUMBER_VALUE can not be converted to a String (at 'tags.2.member.key')",
    });
  });

  it.each<[object, string]>([
    [{ maxConcurrency: '5' }, 'STRING_VALUE can not be converted to an Integer'],
    [{ toleratedFailureCount: true }, 'TRUE_VALUE can not be converted to a Long'],
    [{ toleratedFailurePercentage: '1' }, 'STRING_VALUE can not be converted to a Float'],
    [{ toleratedFailurePercentage: [1] }, 'Start of list found where not expected'],
  ])('is told what is no number: %j', async (input, words) => {
    expect(await test.fail('UpdateMapRun', { mapRunArn: ARN, ...input })).toMatchObject({
      message: `${words} (at '${Object.keys(input)[0]}')`,
    });
  });

  it('is refused for its types before its constraints', async () => {
    expect(await test.fail('CreateStateMachine', { name: '', tags: 'a' })).toMatchObject({
      type: 'SerializationException',
    });
  });

  it('may have nulls, and members that nobody knows', async () => {
    const unknown = '{"__proto__":{"maxResults":"x"},"constructor":1,"toString":null,"maxResults":null}';
    expect((await post(test.api, 'ListStateMachines', unknown)).statusCode).toBe(200);
    const tags = '{"name":"nulls","definition":"{}","roleArn":"a","type":null,"tags":[null,{"key":""},null]}';
    expect((await post(test.api, 'CreateStateMachine', tags)).json().message).toContain('tags.1.member.key');
  });

  it('counts the last of several members of a name', async () => {
    const twice = '{"maxResults":1001,"maxResults":1}';
    expect((await post(test.api, 'ListStateMachines', twice)).statusCode).toBe(200);
  });

  it('may begin with a byte order mark', async () => {
    expect((await post(test.api, 'ListStateMachines', '\ufeff{}')).statusCode).toBe(200);
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

  it.each([
    [{ maxResults: 4294967296 }, "Value '4294967296' at 'maxResults'", 'less than or equal to 1000'],
    [{ maxResults: 1e300 }, "Value '1e+300' at 'maxResults'", 'less than or equal to 1000'],
    [{ maxResults: -1.5 }, "Value '-1' at 'maxResults'", 'greater than or equal to 0'],
  ])('holds for numbers of any size: %j', async (input, value, bound) => {
    expect(await test.fail('ListStateMachines', input)).toMatchObject({
      type: 'ValidationException',
      message: `1 validation error detected: ${value} failed to satisfy constraint: Member must have value ${bound}`,
    });
  });

  it('holds for what has no other bounds than its type', async () => {
    const update = (member: string, number: string) =>
      post(test.api, 'UpdateMapRun', `{"mapRunArn":"${ARN}","${member}":${number}}`);
    const bounds = [
      ['maxConcurrency', '2147483648', 2147483647],
      ['toleratedFailureCount', '1e20', 9007199254740991],
      ['toleratedFailurePercentage', '1e999', 100],
    ] as const;
    for (const [member, number, bound] of bounds)
      expect((await update(member, number)).json().message).toContain(
        `Member must have value less than or equal to ${bound}`,
      );
  });

  it('cuts the decimals off an integer', async () => {
    expect((await post(test.api, 'ListStateMachines', '{"maxResults":1000.9}')).statusCode).toBe(200);
  });

  it('counts the characters of a text, not their UTF-16 units', async () => {
    const ofLength = (length: number) =>
      test.fail('DescribeStateMachine', { stateMachineArn: '😀'.repeat(length) });
    expect(await ofLength(256)).toMatchObject({ type: 'InvalidArn' });
    expect(await ofLength(257)).toMatchObject({
      type: 'ValidationException',
      message: expect.stringContaining('Member must have length less than or equal to 256'),
    });
  });

  it('shows no half characters', async () => {
    const { message } = await test.fail('DescribeStateMachine', { stateMachineArn: `x${'😀'.repeat(600)}` });
    expect(message.isWellFormed()).toBe(true);
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
      expect(response.statusCode).toBe(404);
      expect(JSON.parse(response.payload)).toMatchObject({ __type: 'UnknownOperationException' });
    },
  );
});

describe('bytes that are no HTTP', () => {
  it.each([
    ['noise', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['a bad header', 'POST / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n', 400],
    ['no host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
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
