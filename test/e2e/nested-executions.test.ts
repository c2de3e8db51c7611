/** examples/nested-executions, run as its README says. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import {
  createStateMachine,
  historyOf,
  startExecution,
  untilEnded,
  untilEvent,
} from '../support/executions.ts';
import { historyFaults } from '../support/history-checker.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXAMPLE = new URL('../../examples/nested-executions/', import.meta.url);
const folder = temporaryFolder();
let server: ServerProcess;
let client: Client;
let parcelArn: string;
let orderArn: string;

function readExample(file: string): object {
  return JSON.parse(readFileSync(new URL(file, EXAMPLE), 'utf8')) as object;
}

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir: folder.path, env: { LOG_LEVEL: 'error' } });
  client = new Client(server.url);
  parcelArn = await createStateMachine(client, 'ship-parcel', readExample('ship-parcel.asl.json'));
  orderArn = await createStateMachine(client, 'ship-order', readExample('ship-order.asl.json'));
});

afterAll(async () => {
  await server.stop();
  folder[Symbol.dispose]();
});

async function shipped(): Promise<{ executionArn: string; name: string; status: string }[]> {
  return (await client.call('ListExecutions', { stateMachineArn: parcelArn })).executions;
}

test('each parcel is an execution of its own, and the one that is too heavy is kept back', async () => {
  const executionArn = await startExecution(client, orderArn, readExample('order.json'));
  const { status, output } = await untilEnded(client, executionArn);
  const executions = await shipped();
  const { parcels } = JSON.parse(output ?? '') as { parcels: { shippedBy?: string }[] };
  const [first, , third] = parcels;
  expect(status).toBe('SUCCEEDED');
  expect(parcels).toEqual([
    { number: 1, shippedBy: first?.shippedBy },
    { number: 2, keptBack: '45 kg are more than one person carries' },
    { number: 3, shippedBy: third?.shippedBy },
  ]);
  expect(executions.map((execution) => execution.status).toSorted()).toEqual([
    'FAILED',
    'SUCCEEDED',
    'SUCCEEDED',
  ]);
  expect(executions.map(({ name }) => name)).toEqual(
    expect.arrayContaining([first?.shippedBy, third?.shippedBy]),
  );
  for (const child of executions) {
    const { input } = await client.call('DescribeExecution', { executionArn: child.executionArn });
    expect(JSON.parse(input ?? '')).toMatchObject({
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: executionArn,
    });
  }
  expect(historyFaults(await historyOf(client, executionArn))).toEqual([]);
});

test('an order that is stopped takes its parcels with it', async () => {
  const definition = JSON.stringify(readExample('ship-parcel.asl.json')).replace(
    '"Seconds":1',
    '"Seconds":600',
  );
  await client.call('UpdateStateMachine', { stateMachineArn: parcelArn, definition });
  const before = new Set((await shipped()).map(({ executionArn }) => executionArn));
  const executionArn = await startExecution(client, orderArn, readExample('order.json'));
  await untilEvent(client, executionArn, 'TaskSubmitted');
  await client.call('StopExecution', { executionArn });
  const children = (await shipped()).filter((child) => !before.has(child.executionArn));
  expect(children).toHaveLength(3);
  const ended = await Promise.all(children.map((child) => untilEnded(client, child.executionArn)));
  // The one that is too heavy may have failed before.
  const stopped = ended.filter(({ status }) => status !== 'FAILED');
  expect(stopped.length).toBeGreaterThanOrEqual(2);
  for (const { status, cause } of stopped)
    expect([status, cause]).toEqual([
      'ABORTED',
      `The execution that waited for this one has ended as ABORTED: ${executionArn}`,
    ]);
});
