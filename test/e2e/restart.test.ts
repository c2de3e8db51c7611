/** Killing the server, its Postgres, or both, in the middle of an execution: it goes on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import {
  createStateMachine,
  eventTypes,
  functionArn,
  historyOf,
  startExecution,
  untilEnded,
  untilEvent,
} from '../support/executions.ts';
import { historyFaults } from '../support/history-checker.ts';
import { LambdaEndpoint } from '../support/lambda-endpoint.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const charge = { Type: 'Task', Resource: functionArn('charge'), End: true };
const ONE_TASK = { StartAt: 'Charge', States: { Charge: charge } };
const ONE_TASK_RETRIED = {
  StartAt: 'Charge',
  States: {
    Charge: { ...charge, Retry: [{ ErrorEquals: ['Lambda.SdkClientException'], IntervalSeconds: 1 }] },
  },
};

let folder: ReturnType<typeof temporaryFolder>;
let endpoint: LambdaEndpoint;
let server: ServerProcess | undefined;

async function startServer(workerTimeoutSeconds = 1): Promise<Client> {
  server = await ServerProcess.start({
    dataDir: folder.path,
    env: {
      AWS_ENDPOINT_URL_LAMBDA: endpoint.url,
      STATEHOUSE_WORKER_TIMEOUT_SECONDS: String(workerTimeoutSeconds),
      LOG_LEVEL: 'error',
    },
  });
  return new Client(server.url);
}

beforeEach(async () => {
  folder = temporaryFolder();
  endpoint = await LambdaEndpoint.start();
});

afterEach(async () => {
  await server?.stop();
  await endpoint.close();
  folder[Symbol.dispose]();
});

const kills: Record<string, () => Promise<void>> = {
  'the server': async () => server?.kill(),
  'the server and its Postgres': async () => {
    await server?.kill();
    process.kill(postgresPid(folder.path), 'SIGKILL');
  },
};

test.each(Object.entries(kills))('killing %s with tasks in flight', async (_what, kill) => {
  let client = await startServer();
  const retried = await startExecution(client, await createStateMachine(client, 'retried', ONE_TASK_RETRIED));
  const plain = await startExecution(client, await createStateMachine(client, 'plain', ONE_TASK));
  await endpoint.untilInFlight((calls) => calls.length === 2);

  await kill();
  endpoint.onCall((call) => call.answer('charged'));
  client = await startServer();

  // The task that was in flight may have been done: it is tried again only because its Retry says so.
  expect(await untilEnded(client, retried)).toMatchObject({ status: 'SUCCEEDED', output: '"charged"' });
  expect(eventTypes(await historyOf(client, retried))).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionFailed',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  expect(await untilEnded(client, plain)).toMatchObject({
    status: 'FAILED',
    error: 'Lambda.SdkClientException',
  });
  for (const arn of [retried, plain]) expect(historyFaults(await historyOf(client, arn))).toEqual([]);
  expect(endpoint.receivedKeys.toSorted()).toEqual([`${plain}#3`, `${retried}#3`, `${retried}#6`].toSorted());
});

test('killing its Postgres alone loses nothing, not even the calls under way', async () => {
  const client = await startServer(60);
  const executionArn = await startExecution(client, await createStateMachine(client, 'plain', ONE_TASK));
  const [call] = await endpoint.untilInFlight((calls) => calls.length === 1);
  const killed = postgresPid(folder.path);
  process.kill(killed, 'SIGKILL');
  call?.answer('charged'); // its result must wait for Postgres to be there again

  expect(await untilEnded(client, executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"charged"' });
  expect(historyFaults(await historyOf(client, executionArn))).toEqual([]);
  expect(endpoint.receivedKeys).toEqual([`${executionArn}#3`]);
  expect(postgresPid(folder.path)).not.toBe(killed);
});

test('a Wait of ten minutes outlives a kill and can then be stopped', async () => {
  let client = await startServer();
  const definition = { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 600, End: true } } };
  const executionArn = await startExecution(client, await createStateMachine(client, 'resting', definition));
  const types = ['ExecutionStarted', 'WaitStateEntered'];
  await untilEvent(client, executionArn, 'WaitStateEntered');
  await server?.kill();
  client = await startServer();

  expect(eventTypes(await historyOf(client, executionArn))).toEqual(types);
  await client.call('StopExecution', { executionArn, error: 'Enough', cause: 'rested' });
  expect(await untilEnded(client, executionArn)).toMatchObject({
    status: 'ABORTED',
    error: 'Enough',
    cause: 'rested',
  });
  expect(eventTypes(await historyOf(client, executionArn))).toEqual([...types, 'ExecutionAborted']);
});

/** The first line of postmaster.pid, in the folder that Postgres runs on. */
function postgresPid(dataDir: string): number {
  const [pid = ''] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}
