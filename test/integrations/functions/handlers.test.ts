import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Integrations } from '../../../integrations/registry.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import {
  call,
  failureOf,
  functionArn,
  IDEMPOTENCY_KEY,
  INVOKE,
  openIntegrations,
} from '../fixtures/task-call.ts';

// Threads start slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const FIXTURES = join(import.meta.dirname, '../fixtures');

describe('handlers of the function map', () => {
  let integrations: Integrations;
  const invoke = (name: string, input = '{}') => call(integrations, functionArn(name), input);

  beforeAll(() => {
    integrations = openIntegrations(join(FIXTURES, 'functions.json'), {
      OWN: 'kept',
      DATABASE_URL: 'postgres://secret',
      STATEHOUSE_ENCRYPTION_KEY: 'secret',
    });
  });
  afterAll(() => integrations.close());

  describe('failures become Lambda’s error object', () => {
    test.each([
      ['throws', 'StockError', 'none left'],
      ['throwsSynchronously', 'RangeError', 'too far'],
      ['rejectsWithText', 'string', 'just text'],
      ['recurses', 'RangeError', 'Maximum call stack size exceeded'],
      ['crashesLater', 'StockError', 'behind its back'],
      ['rejectsUnheard', 'Runtime.UnhandledPromiseRejection', 'Error: nobody listens'],
      ['returnsBigInt', 'Runtime.JSONStringifyError', 'Unable to stringify response body'],
      ['returnsCycle', 'Runtime.JSONStringifyError', 'Unable to stringify response body'],
      ['aborts', 'TypeError', 'process.abort() is not supported in workers'],
      ['noExport', 'Runtime.HandlerNotFound', 'noExport.nothing is undefined or not exported'],
      ['throwsOnLoad', 'RangeError', 'no configuration'],
    ])('%s', async (name, errorType, errorMessage) => {
      const { error, cause } = failureOf(await invoke(name));
      expect(error).toBe(errorType);
      expect(cause).toEqual({ errorType, errorMessage, trace: expect.any(Array) });
    });

    test('the trace is the stack, line by line', async () => {
      const { cause } = failureOf(await invoke('throws'));
      expect(cause.trace).toEqual(
        expect.arrayContaining(['StockError: none left', expect.stringContaining('misbehaving.ts:')]),
      );
    });

    test.each(['rejectsWithNothing', 'rejectsWithTrap', 'crashesWithNull'])(
      '%s: what cannot be described',
      async (name) => {
        const { error, cause } = failureOf(await invoke(name));
        expect(error).toBe('handled');
        expect(cause.errorMessage).toContain('problem while retrieving');
      },
    );

    test('a module that imports what is not there', async () => {
      const { error, cause } = failureOf(await invoke('noModule'));
      expect(error).toBe('Runtime.ImportModuleError');
      expect(cause.errorMessage).toContain('missing.ts');
    });

    test.each([
      [0, /^RequestId: [\w-]{36} Error: Runtime exited without providing a reason$/],
      [3, /^RequestId: [\w-]{36} Error: Runtime exited with error: exit status 3$/],
    ])('process.exit(%d)', async (code, message) => {
      const { error, cause } = failureOf(await invoke('exits', JSON.stringify({ code })));
      expect(error).toBe('Runtime.ExitError');
      expect(cause.errorMessage).toMatch(message);
    });

    test.each([
      ['a heap', 'eatsMemory'],
      ['a heap in small bites', 'eatsMemoryInBites'],
      ['Buffers', 'eatsBuffers'],
    ])('%s beyond memoryMb', async (_, name) => {
      const { error, cause } = failureOf(await invoke(name));
      expect(error).toBe('Runtime.OutOfMemory');
      expect(cause.errorMessage).toMatch(/Runtime exited with error: signal: killed$/);
    });

    test.each(['blocks', 'hangs'])('%s beyond its timeout', async (name) => {
      const { error, cause } = failureOf(await invoke(name));
      expect(error).toBe('Sandbox.Timedout');
      expect(cause.errorMessage).toMatch(/^RequestId: [\w-]{36} Error: Task timed out after 0\.50 seconds$/);
    });

    test('a response beyond Lambda’s limit', async () => {
      expect(failureOf(await invoke('returnsTooMuch'))).toEqual({
        error: 'Function.ResponseSizeTooLarge',
        cause: {
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
        },
      });
    });

    test('a result nested too deeply for the runtime', async () => {
      const result = await invoke('returnsDeepNesting');
      expect(result).toMatchObject({ kind: 'failed', failure: { error: 'Lambda.Unknown' } });
    });
  });

  describe('results', () => {
    test.each([
      ['returnsNothing', '{}', 'null'],
      ['returnsFunction', '{}', 'null'],
      ['returnsSurrogate', '{}', '"\\ud800"'],
      ['returnsAtOnce', '{"n":1}', '2'],
      ['answersTwice', '{}', '"callback"'],
      ['nested', '{}', '"nested"'],
    ])('%s', async (name, input, output) => {
      expect(await invoke(name, input)).toEqual({ kind: 'succeeded', output });
    });

    test('signals reach what a handler has started, and neither the process, nor its parent, nor their group', async () => {
      const refusal =
        'process.kill(pid) is not supported in handlers: they run in threads of the server, which it would end';
      const refusals = Array.from({ length: 5 }, () => refusal);
      expect(await invoke('signals')).toEqual({
        kind: 'succeeded',
        output: JSON.stringify([refusals, refusals]),
      });
      expect(await invoke('looksForItself')).toEqual({ kind: 'succeeded', output: 'true' });
      expect(await invoke('signalsItsChild')).toEqual({ kind: 'succeeded', output: '"SIGKILL"' });
    });

    test('a function fails and works in turn', async () => {
      const outcomes: string[] = [];
      for (let i = 0; i < 4; i++) outcomes.push((await invoke('countsAndExits')).kind);
      expect(outcomes).toEqual(['succeeded', 'failed', 'succeeded', 'failed']);
    });

    test('more calls than threads, each with an answer', async () => {
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, n) => invoke('returnsAtOnce', `{"n":${n}}`)),
      );
      expect(results).toEqual(results.map((_, n) => ({ kind: 'succeeded', output: String(n + 1) })));
    });

    test('calls wait for a thread while all are taken, and those that time out give theirs back', async () => {
      const results = await Promise.all(Array.from({ length: 20 }, () => invoke('blocks')));
      expect(results.map((result) => failureOf(result).error)).toEqual(results.map(() => 'Sandbox.Timedout'));
    });

    test('state of a module stays within its function', async () => {
      await invoke('counts');
      await invoke('counts');
      expect(await invoke('countsAndExits')).toEqual({ kind: 'succeeded', output: '1' });
    });
  });

  test('the context object and the environment', async () => {
    const input = JSON.stringify({
      FunctionName: 'showsContext:live',
      Payload: { a: 1 },
      ClientContext: Buffer.from('{"custom":{"b":2}}').toString('base64'),
    });
    const result = await call(integrations, INVOKE, input);
    if (result.kind !== 'succeeded') throw new Error(result.failure.cause);
    const { Payload: seen } = JSON.parse(result.output);
    expect(seen).toEqual({
      event: { a: 1 },
      context: {
        functionName: 'showsContext',
        functionVersion: '$LATEST',
        invokedFunctionArn: `${functionArn('showsContext')}:live`,
        memoryLimitInMB: '512',
        awsRequestId: expect.stringMatching(/^[\w-]{36}$/),
        logGroupName: '/aws/lambda/showsContext',
        logStreamName: '[$LATEST]',
        clientContext: { custom: { b: 2 } },
        idempotencyKey: IDEMPOTENCY_KEY,
        callbackWaitsForEmptyEventLoop: true,
      },
      remainingMs: expect.any(Number),
      secrets: [null, null],
      environment: {
        OWN: 'kept',
        AWS_REGION: 'us-east-1',
        AWS_LAMBDA_FUNCTION_NAME: 'showsContext',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      },
    });
    expect(seen.remainingMs).toBeGreaterThan(0);
    expect(seen.remainingMs).toBeLessThanOrEqual(20_000);
  });

  describe('the callback style', () => {
    let legacy: Integrations;
    beforeAll(() => {
      legacy = openIntegrations(join(FIXTURES, 'handlers'));
    });
    afterAll(() => legacy.close());

    test('a result', async () => {
      expect(await call(legacy, functionArn('legacy'), '{"a":1}')).toEqual({
        kind: 'succeeded',
        output: '{"got":{"a":1}}',
      });
    });

    test('an error', async () => {
      expect(failureOf(await call(legacy, functionArn('legacy'), '{"fail":"no"}'))).toMatchObject({
        error: 'TypeError',
        cause: { errorMessage: 'no' },
      });
    });
  });

  test('a module whose loading failed is loaded again', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'late.mjs');
    writeFileSync(
      file,
      `import { existsSync } from 'node:fs';
       if (!existsSync(${JSON.stringify(join(folder.path, 'ready'))})) throw new Error('not ready');
       export const handler = async () => 'ready';`,
    );
    const own = openIntegrations(folder.path);
    try {
      expect(failureOf(await call(own, functionArn('late'), '{}')).cause.errorMessage).toBe('not ready');
      writeFileSync(join(folder.path, 'ready'), '');
      expect(await call(own, functionArn('late'), '{}')).toEqual({ kind: 'succeeded', output: '"ready"' });
    } finally {
      await own.close();
    }
  });
});

describe('stopping', () => {
  const threads: Worker[] = [];
  const collect = (thread: Worker) => threads.push(thread);
  const running = new BroadcastChannel('running');
  let integrations: Integrations;

  beforeEach(() => {
    threads.length = 0;
    process.on('worker', collect);
    integrations = openIntegrations(join(FIXTURES, 'functions.json'));
  });
  afterEach(async () => {
    process.off('worker', collect);
    await integrations.close();
  });
  afterAll(() => running.close());

  test.each(['hangsForLong', 'blocksForLong'])('an abort ends the thread of %s', async (name) => {
    const controller = new AbortController();
    const result = call(integrations, functionArn(name), '{}', { signal: controller.signal });
    await once(running, 'message');
    const [thread] = threads;
    if (thread === undefined) throw new Error('there is no thread');
    const ended = once(thread, 'exit');
    controller.abort();
    expect(await result).toEqual({
      kind: 'failed',
      failure: { error: 'Lambda.SdkClientException', cause: expect.stringContaining('is unknown') },
    });
    await ended;
  });

  test('an attempt that is aborted already never starts', async () => {
    const result = await call(integrations, functionArn('counts'), '{}', { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ kind: 'failed', failure: { error: 'Lambda.SdkClientException' } });
    expect(await call(integrations, functionArn('counts'), '{}')).toEqual({ kind: 'succeeded', output: '1' });
  });

  test('close stops what runs or waits, and leaves no thread', async () => {
    let announced = 0;
    const bothRun = new Promise<void>((resolve) => {
      running.onmessage = () => ++announced === 2 && resolve();
    });
    const calls = [
      call(integrations, functionArn('blocksForLong'), '{}'),
      call(integrations, INVOKE, '{"FunctionName":"hangsForLong","InvocationType":"Event"}'),
      ...Array.from({ length: 100 }, () => call(integrations, functionArn('hangs'), '{}')),
    ];
    await bothRun;
    await integrations.close();
    expect((await Promise.all(calls)).map((result) => result.kind)).toEqual(
      calls.map((_, n) => (n === 1 ? 'succeeded' : 'failed')),
    );
    expect(threads.length).toBeGreaterThan(2);
    expect(threads.map((thread) => thread.threadId)).toEqual(threads.map(() => -1));
    expect(await call(integrations, functionArn('counts'), '{}')).toMatchObject({ kind: 'failed' });
  });
});
