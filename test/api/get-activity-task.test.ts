/** Activity workers as they see the API: over HTTP, against a worker that runs the executions. */
import { once } from 'node:events';
import { request } from 'node:http';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createWorker } from '../../worker/worker.ts';
import { logger } from '../store/fixture.ts';
import { ManualClock } from '../worker/manual-clock.ts';
import { createMachine, start, startTestApi, type TestApi, type TestApiOptions } from './test-api.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

interface Reviews extends TestApi {
  readonly activityArn: string;
  readonly stateMachineArn: string;
}

/** An API with an activity, and a state machine whose executions wait for its workers. */
async function reviews(options: TestApiOptions = {}): Promise<Reviews> {
  const api = await startTestApi({ clock, ...options });
  onTestFinished(() => api.close());
  const { activityArn } = await api.call('CreateActivity', { name: 'review' });
  const definition = {
    StartAt: 'Review',
    States: { Review: { Type: 'Task', Resource: activityArn, End: true } },
  };
  const stateMachineArn = await createMachine(api, 'reviewing', JSON.stringify(definition));
  return { ...api, activityArn, stateMachineArn };
}

async function runWorker({ store, databaseUrl }: TestApi): Promise<void> {
  const worker = createWorker({
    store,
    databaseUrl,
    integrations: { find: () => undefined },
    graceSeconds: 0,
    workerTimeoutSeconds: 30,
    logRetentionDays: 30,
    logger,
  });
  onTestFinished(() => worker.stop());
  await worker.start();
}

/** Resolves when somebody waits for a task: then there are timers. */
const untilSomebodyWaits = () => vi.waitFor(() => expect(clock.timers).toBeGreaterThan(0));

/** A worker whose connection can be cut. */
function openPoll(url: string, activityArn: string) {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AWSStepFunctions.GetActivityTask',
  };
  return request(url, { method: 'POST', headers }).end(JSON.stringify({ activityArn }));
}

test('a task goes to a worker that waits, and its answer ends the execution', async () => {
  const api = await reviews();
  await runWorker(api);
  const polled = api.call('GetActivityTask', { activityArn: api.activityArn, workerName: 'Ada' });
  const executionArn = await start(api, api.stateMachineArn, { input: '{"text":"draft"}' });
  const { taskToken, input } = await polled;
  expect(input).toBe('{"text":"draft"}');
  await api.call('SendTaskHeartbeat', { taskToken });
  await api.call('SendTaskSuccess', { taskToken, output: '"fine"' });
  await vi.waitFor(async () =>
    expect(await api.call('DescribeExecution', { executionArn })).toMatchObject({ output: '"fine"' }),
  );
  const { events } = await api.call('GetExecutionHistory', { executionArn });
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'ActivityScheduled',
    'ActivityStarted',
    'ActivitySucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  expect(events[3]?.activityStartedEventDetails).toEqual({ workerName: 'Ada' });
});

test('after a minute without a task the answer is empty', async () => {
  const api = await reviews();
  const polled = api.call('GetActivityTask', { activityArn: api.activityArn });
  await untilSomebodyWaits();
  clock.advance(60_000);
  expect(await polled).toEqual({});
});

test('a worker that has hung up gets no task: the next one does', async () => {
  const api = await reviews();
  const { url } = await api.api.listen({ host: '127.0.0.1', port: 0 });
  const hungUp = openPoll(url, api.activityArn);
  const closed = once(hungUp, 'error');
  await untilSomebodyWaits();
  hungUp.destroy(new Error('hung up'));
  await closed;
  await vi.waitFor(() => expect(clock.timers).toBe(0));
  await runWorker(api);
  await start(api, api.stateMachineArn, { input: '1' });
  expect(await api.call('GetActivityTask', { activityArn: api.activityArn })).toMatchObject({ input: '1' });
});

test('a server that closes answers those who wait at once', async () => {
  const api = await reviews();
  const { url } = await api.api.listen({ host: '127.0.0.1', port: 0 });
  const poll = openPoll(url, api.activityArn);
  await untilSomebodyWaits();
  const answered = once(poll, 'response');
  await api.api.close();
  const [response] = await answered;
  expect(response.statusCode).toBe(200);
  expect(await response.toArray().then(String)).toBe('{}');
});

test('workers that wait keep nobody from calling', async () => {
  const api = await reviews({ maxConcurrentRequests: 1 });
  const polls: Promise<unknown>[] = [];
  for (let n = 0; n < 5; n++) {
    polls.push(api.call('GetActivityTask', { activityArn: api.activityArn }));
    // Refused while the poll is being read, and served as soon as it only waits.
    await vi.waitFor(() => api.call('ListActivities'));
  }
  clock.advance(60_000);
  expect(await Promise.all(polls)).toEqual(Array(5).fill({}));
});

test('a worker that waits is told when the activity is deleted', async () => {
  const api = await reviews();
  const failed = api.fail('GetActivityTask', { activityArn: api.activityArn });
  await untilSomebodyWaits();
  await api.call('DeleteActivity', { activityArn: api.activityArn });
  expect(await failed).toEqual({
    status: 400,
    type: 'ActivityDoesNotExist',
    message: `Activity Does Not Exist: '${api.activityArn}'`,
  });
});
