import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/api.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import type { ExecutionStore } from '../../store/execution.ts';
import { openStore } from '../../store/open.ts';
import { PLACE } from '../support/place.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { playWorker } from './play-worker.ts';
import { createMachine, post, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const logged: Record<string, unknown>[] = [];
const logger = pino(
  new Writable({
    write(line, _encoding, done) {
      logged.push(JSON.parse(line.toString()));
      done();
    },
  }),
);
let test: TestApi;
beforeAll(async () => {
  test = await startTestApi({ logger });
});
afterAll(() => test.close());

describe('health', () => {
  it('is alive and ready', async () => {
    for (const url of ['/healthz', '/readyz']) {
      const response = await test.api.inject({ url });
      expect([response.statusCode, response.payload]).toEqual([200, '{"status":"ok"}']);
    }
  });

  it('is alive but not ready without a database', async () => {
    const store = await openStore({
      databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing',
      poolSize: 2,
      logger: pino({ level: 'silent' }),
    });
    const api = createApi({
      store,
      place: PLACE,
      ceilings: PORTABLE_LIMITS,
      logger: pino({ level: 'silent' }),
    });
    expect((await api.inject({ url: '/healthz' })).statusCode).toBe(200);
    const ready = await api.inject({ url: '/readyz' });
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toEqual({
      status: 'unavailable',
      checks: { database: expect.stringContaining('ECONNREFUSED') },
    });
    const answer = await post(api, 'ListStateMachines', '{}');
    expect([answer.statusCode, answer.json().__type]).toEqual([503, 'ServiceUnavailable']);
    await api.close();
    await store.close();
  });
});

describe('GET /api/v1/executions/{arn}', () => {
  let stateMachineArn: string;
  beforeAll(async () => {
    stateMachineArn = await createMachine(test, 'watched', WAIT_DEFINITION);
  });
  const get = (arn: string, query = '') => test.api.inject({ url: `/api/v1/executions/${arn}${query}` });

  it('answers what DescribeExecution does', async () => {
    const executionArn = await start(test, stateMachineArn, { name: 'höhe' });
    const description = await test.call('DescribeExecution', { executionArn });
    for (const query of ['', '?wait=0', '?wait=0.01']) {
      const response = await get(encodeURIComponent(executionArn), query);
      expect([response.statusCode, response.json()]).toEqual([200, description]);
    }
    expect((await get(encodeURI(executionArn))).json()).toEqual(description);
  });

  it('waits for the end', async () => {
    const executionArn = await start(test, stateMachineArn);
    const waiting = get(executionArn, '?wait=300');
    await test.call('StopExecution', { executionArn });
    expect((await waiting).json()).toMatchObject({ executionArn, status: 'ABORTED' });
  });

  it('does not wait for what has ended', async () => {
    const executionArn = await start(test, await createMachine(test, 'ended'));
    await playWorker(test.store, executionArn);
    expect((await get(executionArn, '?wait=300')).json()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each(['-1', 'x', '', '301', '1e3', 'Infinity', '0&wait=1'])('refuses wait=%s', async (wait) => {
    const response = await get(`${stateMachineArn}`, `?wait=${wait}`);
    expect([response.statusCode, response.json().__type]).toEqual([400, 'ValidationException']);
  });

  it('tells what is wrong with an ARN', async () => {
    expect((await get('nonsense')).json()).toMatchObject({ __type: 'InvalidArn' });
    expect((await get(`${stateMachineArn.replace('stateMachine', 'execution')}:none`)).json()).toMatchObject({
      __type: 'ExecutionDoesNotExist',
    });
    expect((await get('a'.repeat(2000))).json()).toMatchObject({ __type: 'InvalidArn' });
  });
});

describe('an answer', () => {
  it('has the content type of its request and an id of its own', async () => {
    const answers = await Promise.all(
      ['application/x-amz-json-1.0', 'application/x-amz-json-1.1; charset=utf-8'].map((contentType) =>
        post(test.api, 'ListStateMachines', '{}', { 'content-type': contentType }),
      ),
    );
    expect(answers.map(({ headers }) => headers['content-type'])).toEqual([
      'application/x-amz-json-1.0',
      'application/x-amz-json-1.1',
    ]);
    expect(new Set(answers.map(({ headers }) => headers['x-amzn-requestid'])).size).toBe(2);
  });
});

describe('the access log', () => {
  it('has a line a request, without what was in it', async () => {
    logged.length = 0;
    const input = '{"password":"hunter2"}';
    const stateMachineArn = await createMachine(test, 'logged', WAIT_DEFINITION);
    await test.call('StartExecution', { stateMachineArn, input });
    const failed = await post(
      test.api,
      'StartExecution',
      JSON.stringify({ stateMachineArn, input: 'hunter2' }),
    );
    expect(logged.map(({ msg, operation, status, error }) => ({ msg, operation, status, error }))).toEqual([
      { msg: 'request', operation: 'CreateStateMachine', status: 200 },
      { msg: 'request', operation: 'StartExecution', status: 200 },
      { msg: 'request', operation: 'StartExecution', status: 400, error: 'InvalidExecutionInput' },
    ]);
    expect(logged.at(-1)).toMatchObject({
      requestId: failed.headers['x-amzn-requestid'],
      method: 'POST',
      path: '/',
    });
    expect(logged.at(-1)?.durationMs).toBeGreaterThan(0);
    expect(JSON.stringify(logged)).not.toContain('hunter2');
  });

  it.each([
    ['/%zz', 'MalformedHttpRequestException'],
    ['/nowhere?password=hunter2', 'UnknownOperationException'],
  ])('has a line for %s too', async (url, error) => {
    logged.length = 0;
    const { headers } = await test.api.inject({ url });
    expect(logged).toMatchObject([
      { requestId: headers['x-amzn-requestid'], path: url.split('?')[0], error },
    ]);
    expect(JSON.stringify(logged)).not.toContain('hunter2');
  });
});

describe('close', () => {
  it('lets requests in flight finish, ends waiting and connections', async () => {
    const executionArn = await start(test, await createMachine(test, 'open', WAIT_DEFINITION));
    const { promise: isWaiting, resolve: waits } = Promise.withResolvers<void>();
    const executions: ExecutionStore = {
      ...test.store.executions,
      waitForEnd: (...arguments_) => {
        waits();
        return test.store.executions.waitForEnd(...arguments_);
      },
    };
    const api = createApi({
      store: { ...test.store, executions },
      place: PLACE,
      ceilings: PORTABLE_LIMITS,
      logger,
    });
    const { url, port } = await api.listen({ host: '127.0.0.1', port: 0 });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const agent = new Agent({ keepAlive: true });
    const waiting = request(`${url}/api/v1/executions/${executionArn}?wait=300`, { agent });
    const answered = once(waiting, 'response');
    waiting.end();
    await isWaiting;
    await api.close();
    const [response] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    expect(response.headers.connection).toBe('close');
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    agent.destroy();
  });

  it('answers who was connected, but is not ready, and cuts off who does not come to an end', async () => {
    const api = createApi({
      store: test.store,
      place: PLACE,
      ceilings: PORTABLE_LIMITS,
      logger,
      timeouts: { closeGraceMs: 300 },
    });
    const { port } = await api.listen({ host: '127.0.0.1', port: 0 });
    const connect = () => RawConnection.open(port);
    const [idle, asking, listing, stuck] = await Promise.all([connect(), connect(), connect(), connect()]);
    await idle.send('GET /healthz HTTP/1.1\r\nhost: statehouse\r\n\r\n').received(/ok/);
    const unfinished = rawRequest('ListStateMachines', '', ['content-length: 2', 'expect: 100-continue']);
    for (const connection of [listing, stuck]) await connection.send(unfinished).received(/100 Continue/);
    asking.send('GET /readyz HTTP/1.1\r\n');
    const closed = api.close();

    expect(await idle.closed()).toMatch(/^HTTP\/1.1 200 /);
    const readiness = await asking.send('host: statehouse\r\n\r\n').closed();
    expect(readiness).toMatch(/^HTTP\/1.1 503 /);
    expect(readiness).toContain('{"status":"unavailable","checks":{"server":"closing"}}');
    const answer = await listing.send('{}').closed();
    expect(answer).toMatch(/HTTP\/1.1 200 OK\r\n(.|\r\n)*connection: close\r\n/);
    expect(await stuck.closed()).not.toContain('200 OK');
    await closed;
  });
});
