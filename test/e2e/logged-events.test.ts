/** What executions log on their way through API and workers, as CloudWatch Logs and the log table get it. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLogDestinations } from '../../integrations/logs/log-destinations.ts';
import { createIntegrations } from '../../integrations/registry.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { type ExecutionWatcher, NO_WATCHER } from '../../telemetry/execution-watch.ts';
import { createLogger } from '../../telemetry/log.ts';
import { startExecutionLogs } from '../../telemetry/logs/execution-logs.ts';
import type { LogRecord } from '../../telemetry/logs/log-record.ts';
import { createWorker } from '../../worker/worker.ts';
import { ROLE_ARN, startTestApi } from '../api/test-api.ts';
import { startHttpServer } from '../integrations/fixtures/http-server.ts';
import { PLACE } from '../support/place.ts';

// Tests here wait for events of a real database, which other tests keep busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const logger = createLogger(process.env.LOG_LEVEL ?? 'silent');
const GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:/states/tests:*';
const SECRET = 'a secret';
const PASSING = {
  StartAt: 'A',
  States: {
    A: { Type: 'Pass', Assign: { kept: SECRET }, Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'A' }], Default: 'C' },
    C: { Type: 'Parallel', Branches: [{ StartAt: 'D', States: { D: { Type: 'Succeed' } } }], End: true },
  },
};
const WAITING = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 600, End: true } } };

async function setUp() {
  const cloudWatch = await startHttpServer((response) => response.end('{}'));
  onTestFinished(() => cloudWatch[Symbol.asyncDispose]());
  const env = { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: cloudWatch.url };
  let watcher: ExecutionWatcher = NO_WATCHER;
  const watching: ExecutionWatcher = { watch: (execution, settings) => watcher.watch(execution, settings) };
  const api = await startTestApi({ watcher: watching });
  onTestFinished(() => api.close());
  const { store, databaseUrl } = api;
  const logs = startExecutionLogs({
    routes: [],
    destinations: createLogDestinations({ env, store: () => store, logRetentionDays: 30 }),
    clock: systemClock,
    logger,
  });
  watcher = logs.watcher;

  async function worker() {
    const integrations = createIntegrations({
      functions: undefined,
      env: {},
      place: PLACE,
      store: () => store,
      ceilings: PORTABLE_LIMITS,
      traceSampler: undefined,
      logger,
    });
    const options = { graceSeconds: 0, workerTimeoutSeconds: 30, logRetentionDays: 30 };
    const started = createWorker({ store, databaseUrl, integrations, watcher: watching, logger, ...options });
    onTestFinished(async () => {
      await started.stop();
      await integrations.close();
    });
    await started.start();
    return started;
  }

  let machines = 0;
  return {
    call: api.call,
    store,
    worker,
    async machine(definition: object, more: object = {}, logging: object = {}) {
      const { stateMachineArn } = await api.call('CreateStateMachine', {
        name: `machine-${++machines}`,
        definition: JSON.stringify(definition),
        roleArn: ROLE_ARN,
        loggingConfiguration: {
          level: 'ALL',
          includeExecutionData: true,
          destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: GROUP } }],
          ...logging,
        },
        ...more,
      });
      return stateMachineArn;
    },
    async start(stateMachineArn: string, input = '{}') {
      return (await api.call('StartExecution', { stateMachineArn, input })).executionArn;
    },
    async ended(executionArn: string) {
      await vi.waitFor(
        async () => {
          const { status } = await api.call('DescribeExecution', { executionArn });
          expect(status).not.toBe('RUNNING');
        },
        { timeout: 30_000, interval: 50 },
      );
    },
    /** All that was logged, once there is nothing more to come. */
    async logged(): Promise<LogRecord[]> {
      await logs.close();
      return cloudWatch.requests
        .map(({ body }): { logEvents?: { message: string }[] } => JSON.parse(body))
        .flatMap(({ logEvents = [] }) => logEvents.map(({ message }) => JSON.parse(message)));
    },
  };
}

const typesOf = (records: readonly LogRecord[]) => records.map(({ id, type }) => `${id} ${type}`);

test('a Standard execution logs what its history shows, in Postgres too', async () => {
  const world = await setUp();
  await world.worker();
  const stateMachineArn = await world.machine(PASSING);
  const executionArn = await world.start(stateMachineArn, '{"order": 1}');
  await world.ended(executionArn);
  const { events = [] } = await world.call('GetExecutionHistory', { executionArn });
  const expected = events.map(({ id, type, previousEventId, timestamp, ...details }) => ({
    id: String(id),
    type,
    details: Object.values(details)[0] ?? {},
    previous_event_id: String(previousEventId),
    event_timestamp: String(Math.round(Number(timestamp) * 1000)),
    execution_arn: executionArn,
    redrive_count: '0',
  }));
  expect(expected.length).toBeGreaterThan(10);
  expect(await world.logged()).toEqual(expected);
  const stream = { of: 'stateMachine', arn: stateMachineArn } as const;
  expect((await world.store.logs.read({ stream, after: 0, limit: 100 })).records).toEqual(expected);
});

test('without execution data nothing of it is logged', async () => {
  const world = await setUp();
  await world.worker();
  const stateMachineArn = await world.machine(PASSING, {}, { includeExecutionData: false });
  await world.ended(await world.start(stateMachineArn, JSON.stringify({ text: SECRET })));
  const records = await world.logged();
  expect(records.at(-1)).toMatchObject({ type: 'ExecutionSucceeded', details: {} });
  expect(JSON.stringify(records)).not.toContain(SECRET);
});

test('an end that the API writes is logged, with the beginning that no worker has seen', async () => {
  const world = await setUp();
  const executionArn = await world.start(await world.machine(WAITING));
  await world.call('StopExecution', { executionArn, error: 'Enough', cause: 'of it' });
  await world.call('StopExecution', { executionArn });
  await world.call('RedriveExecution', { executionArn });
  await world.call('StopExecution', { executionArn });
  const records = await world.logged();
  expect(typesOf(records)).toEqual([
    '1 ExecutionStarted',
    '2 ExecutionAborted',
    '3 ExecutionRedriven',
    '4 ExecutionAborted',
  ]);
  expect(records[1]?.details).toEqual({ error: 'Enough', cause: 'of it' });
  expect(records.map(({ redrive_count }) => redrive_count)).toEqual(['0', '0', '1', '1']);
});

test('an execution that a worker has begun logs its beginning once, also when it is stopped', async () => {
  const world = await setUp();
  await world.worker();
  const executionArn = await world.start(await world.machine(WAITING));
  await vi.waitFor(
    async () => {
      const { events = [] } = await world.call('GetExecutionHistory', { executionArn });
      expect(events.at(-1)?.type).toBe('WaitStateEntered');
    },
    { timeout: 30_000, interval: 50 },
  );
  await world.call('StopExecution', { executionArn });
  expect(typesOf(await world.logged())).toEqual([
    '1 ExecutionStarted',
    '2 WaitStateEntered',
    '3 ExecutionAborted',
  ]);
});

test('executions of a state machine that is deleted log that they were aborted', async () => {
  const world = await setUp();
  const worker = await world.worker();
  const stateMachineArn = await world.machine(WAITING, {}, { level: 'FATAL' });
  await world.start(stateMachineArn);
  await world.call('DeleteStateMachine', { stateMachineArn });
  await worker.services.deletions.runOnce();
  expect((await world.logged()).map(({ type }) => type)).toEqual(['ExecutionAborted']);
});

test('Express executions log where they run: synchronous ones in the API, others in a worker', async () => {
  const world = await setUp();
  const stateMachineArn = await world.machine(PASSING, { type: 'EXPRESS' });
  const { executionArn: sync } = await world.call('StartSyncExecution', { stateMachineArn });
  const worker = await world.worker();
  const asynchronous = await world.start(stateMachineArn);
  await vi.waitFor(
    async () => {
      await worker.services.express.runOnce();
      const stream = { of: 'execution', arn: asynchronous } as const;
      const { records } = await world.store.logs.read({ stream, after: 0, limit: 100 });
      expect(records.at(-1)?.type).toBe('ExecutionSucceeded');
    },
    { timeout: 30_000, interval: 50 },
  );
  const byExecution = Map.groupBy(await world.logged(), ({ execution_arn }) => execution_arn);
  expect([...byExecution.keys()].sort()).toEqual([sync, asynchronous].sort());
  const [first = [], second = []] = [...byExecution.values()].map(typesOf);
  expect(first).toEqual(second);
  expect(first[0]).toBe('1 ExecutionStarted');
});
