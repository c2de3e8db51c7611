/** examples/order-processing, run as its README says. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client, type ExecutionDescription } from '../../cli/client.ts';
import {
  createStateMachine,
  eventTypes,
  historyOf,
  startExecution,
  untilEnded,
} from '../support/executions.ts';
import { historyFaults } from '../support/history-checker.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXAMPLE = new URL('../../examples/order-processing/', import.meta.url);
const folder = temporaryFolder();
let server: ServerProcess;
let client: Client;
let stateMachineArn: string;

function readExample(file: string): object {
  return JSON.parse(readFileSync(new URL(file, EXAMPLE), 'utf8')) as object;
}

beforeAll(async () => {
  const functions = fileURLToPath(new URL('functions', EXAMPLE));
  server = await ServerProcess.start({ dataDir: folder.path, functions, env: { LOG_LEVEL: 'error' } });
  client = new Client(server.url);
  stateMachineArn = await createStateMachine(
    client,
    'order-processing',
    readExample('order-processing.asl.json'),
  );
});

afterAll(async () => {
  await server.stop();
  folder[Symbol.dispose]();
});

async function run(order: object): Promise<ExecutionDescription & { readonly types: readonly string[] }> {
  const executionArn = await startExecution(client, stateMachineArn, order);
  const execution = await untilEnded(client, executionArn);
  const events = await historyOf(client, executionArn);
  expect(historyFaults(events)).toEqual([]);
  return { ...execution, types: eventTypes(events) };
}

test('a large order: the payment is retried twice, the customer may think again, all is packed', async () => {
  const { status, output, types } = await run(readExample('order.json'));
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output ?? '')).toEqual({
    orderId: '1001',
    status: 'CONFIRMED',
    charged: 147.5,
    parcels: ['1001/1', '1001/2', '1001/3'],
    message: 'Thank you, Ada! 3 parcel(s) are on their way.',
  });
  expect(types.filter((type) => type === 'TaskFailed')).toHaveLength(2);
  expect(types.filter((type) => type === 'TaskScheduled')).toHaveLength(3);
  expect(types).toContain('WaitStateExited');
});

test('an order with a damaged item: the payment is refunded', async () => {
  const { status, output, types } = await run(readExample('damaged-order.json'));
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output ?? '')).toEqual({
    orderId: '1002',
    status: 'REFUNDED',
    refunded: 75,
    chargeId: 'ch-1002',
    reason: 'ItemDamaged',
  });
  expect(types).toContain('MapStateFailed');
  expect(types).not.toContain('WaitStateEntered');
});

test('an order that makes no sense fails before anything is charged', async () => {
  const { status, error, types } = await run({ ...readExample('order.json'), items: [] });
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'InvalidOrder' });
  expect(types).not.toContain('ParallelStateEntered');
});
