/** How the server treats those who are slow, leave early or ask for too much: over real sockets. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogLines } from '../support/log-lines.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { createMachine, ROLE_ARN, startTestApi, type TestApi } from './test-api.ts';

const REQUEST_ID = /x-amzn-requestid: ([0-9a-f-]{36})/g;
const log = new LogLines();
let test: TestApi;
let port: number;
beforeAll(async () => {
  // Short, so that nobody has to wait; what is in time in these tests is so at once.
  const timeouts = { headersMs: 200, requestMs: 400, answerMs: 200 };
  test = await startTestApi({ logger: log.logger, timeouts });
  ({ port } = await test.api.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => test.close());
beforeEach(() => log.clear());

const open = () => RawConnection.open(port);

function bodyOf(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
}

describe('a connection', () => {
  it('is kept for the next request', async () => {
    const connection = await open();
    await connection.send(rawRequest('ListStateMachines', '{}')).received(/"stateMachines":\[\]/);
    const answers = await connection
      .send(rawRequest('ListActivitiesAndMore', '{}', ['content-length: 2', 'connection: close']))
      .closed();
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
    expect(new Set(answers.match(REQUEST_ID)).size).toBe(2);
  });

  it('may bring requests before the answers to earlier ones, which come in order', async () => {
    const answers = await (await open())
      .send(rawRequest('ListStateMachines', '{}'))
      .send(rawRequest('Nonsense', '{}'))
      .send(rawRequest('ListStateMachines', '{', ['content-length: 1', 'connection: close']))
      .closed();
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 400']);
    expect(new Set(answers.match(REQUEST_ID)).size).toBe(3);
  });

  it('may bring a request in small pieces', async () => {
    const connection = await open();
    for (const byte of rawRequest('ListStateMachines', '{"maxResults":1}')) connection.send(byte);
    expect(await connection.received(/stateMachines/)).toMatch(/^HTTP\/1.1 200 /);
    connection.destroy();
  });

  it('may expect what nobody knows', async () => {
    const connection = await open();
    connection.send(rawRequest('ListStateMachines', '{}', ['content-length: 2', 'expect: something']));
    expect(await connection.received(/stateMachines/)).toMatch(/^HTTP\/1.1 200 /);
    connection.destroy();
  });

  it('may bring a body in chunks', async () => {
    const connection = await open();
    connection.send(
      rawRequest('ListStateMachines', '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n', ['transfer-encoding: chunked']),
    );
    expect(await connection.received(/stateMachines/)).toMatch(/^HTTP\/1.1 200 /);
    connection.destroy();
  });
});

describe('a client that is slow', () => {
  const TIMED_OUT = { __type: 'RequestTimeoutException', message: 'The request was not received in time' };

  it.each([
    ['says nothing', ''],
    ['does not end its headers', 'POST / HTTP/1.1\r\nhost: statehouse\r\n'],
    ['does not end its body', rawRequest('ListStateMachines', '{', ['content-length: 2'])],
    ['does not end its chunks', rawRequest('ListStateMachines', '1\r\n{', ['transfer-encoding: chunked'])],
  ])('and %s is told so and cut off', async (_what, bytes) => {
    const answer = await (await open()).send(bytes).closed();
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(bodyOf(answer)).toEqual(TIMED_OUT);
    const [, requestId] = [...answer.matchAll(REQUEST_ID)][0] ?? [];
    expect(await log.line({ requestId })).toMatchObject({ error: 'RequestTimeoutException' });
    expect(log.aboveInfo).toEqual([]);
  });

  it('to read a large answer is cut off', async () => {
    const definition = JSON.stringify({
      Comment: 'x'.repeat(900_000),
      StartAt: 'Done',
      States: { Done: { Type: 'Succeed' } },
    });
    const stateMachineArn = await createMachine(test, 'large', definition);
    const describe = rawRequest('DescribeStateMachine', JSON.stringify({ stateMachineArn }));
    log.clear();
    // More than the buffers of the operating system take.
    const connection = (await open()).pause().send(describe.repeat(40));
    expect(await log.line({ error: 'RequestAbortedException' })).toMatchObject({
      operation: 'DescribeStateMachine',
      status: 200,
    });
    connection.destroy();
    expect(log.aboveInfo).toEqual([]);
  });
});

describe('a client that leaves', () => {
  it('in the middle of its body is no fault of the server', async () => {
    const connection = await open();
    connection.send(rawRequest('ListStateMachines', '{', ['content-length: 2', 'expect: 100-continue']));
    await connection.received(/100 Continue/);
    connection.destroy();
    expect(await log.line({ error: 'RequestAbortedException' })).toMatchObject({ method: 'POST' });
    expect(log.aboveInfo).toEqual([]);
  });

  it('after half a request is told that it is not valid', async () => {
    const answer = await (await open())
      .send(rawRequest('ListStateMachines', '{', ['content-length: 2']))
      .end()
      .closed();
    expect(bodyOf(answer)).toEqual({
      __type: 'MalformedHttpRequestException',
      message: 'The request is not valid HTTP',
    });
  });

  it('once it has said all is not waited for', async () => {
    const answer = await (await open()).send(rawRequest('ListStateMachines', '{}')).end().closed();
    expect(answer).toBe('');
    expect(await log.line({ error: 'RequestAbortedException' })).toMatchObject({ method: 'POST' });
  });
});

describe('a request that is too large', () => {
  const TOO_LARGE = {
    __type: 'RequestEntityTooLargeException',
    message: 'Request size exceeded the limit of 1048576 bytes',
  };
  // One that waits as long as usual: a megabyte may take longer than the others' time.
  let patient: TestApi;
  let patientPort: number;
  beforeAll(async () => {
    patient = await startTestApi();
    ({ port: patientPort } = await patient.api.listen({ host: '127.0.0.1', port: 0 }));
  });
  afterAll(() => patient.close());

  it('by what it says is refused before it is sent', async () => {
    const connection = await RawConnection.open(patientPort);
    connection.send(rawRequest('ListStateMachines', '', ['content-length: 1048577', 'expect: 100-continue']));
    const answer = await connection.received(/\}$/);
    expect(answer).toMatch(/HTTP\/1.1 413 /);
    expect(answer).toContain(JSON.stringify(TOO_LARGE));
    connection.destroy();
  });

  it('by what it sends is refused', async () => {
    const chunk = `100000\r\n${' '.repeat(1024 * 1024)}\r\n`;
    const connection = await RawConnection.open(patientPort);
    connection.send(rawRequest('ListStateMachines', chunk + chunk, ['transfer-encoding: chunked']));
    const answer = await connection.received(/\}$/);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(bodyOf(answer)).toEqual(TOO_LARGE);
    connection.destroy();
  });
});

it('never puts the answer to noise into another answer', async () => {
  const role = JSON.stringify({ name: 'noisy', definition: '{}', roleArn: ROLE_ARN });
  const answers = await (await open())
    .send(rawRequest('CreateStateMachine', role))
    .send('noise\r\n\r\n')
    .closed();
  expect(answers.match(/HTTP\/1.1 \d+/g)?.length).toBeLessThanOrEqual(2);
  for (const answer of answers.split(/(?=HTTP\/1.1 )/)) expect(bodyOf(answer)).toHaveProperty('__type');
});
