/** Real time, in seconds: that the clocks of the parts fit together. The rules of time are tested with injected time. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import {
  createStateMachine,
  eventTypes,
  historyOf,
  startExecution,
  untilEnded,
} from '../support/executions.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
let server: ServerProcess;
let client: Client;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir: folder.path, env: { LOG_LEVEL: 'error' } });
  client = new Client(server.url);
});

afterAll(async () => {
  await server.stop();
  folder[Symbol.dispose]();
});

function waiting(seconds: number): object {
  return { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: seconds, End: true } } };
}

test('a Wait ends no earlier than it says', async () => {
  const executionArn = await startExecution(
    client,
    await createStateMachine(client, 'short-rest', waiting(2)),
  );
  const { status } = await untilEnded(client, executionArn);
  const events = await historyOf(client, executionArn);
  const at = (type: string): number => events.find((event) => event.type === type)?.timestamp ?? Number.NaN;
  expect(status).toBe('SUCCEEDED');
  expect(at('WaitStateExited') - at('WaitStateEntered')).toBeGreaterThanOrEqual(2);
});

test('a state machine that takes longer than its TimeoutSeconds ends as TIMED_OUT', async () => {
  const definition = { ...waiting(600), TimeoutSeconds: 1 };
  const executionArn = await startExecution(client, await createStateMachine(client, 'too-slow', definition));
  expect(await untilEnded(client, executionArn)).toMatchObject({ status: 'TIMED_OUT' });
  const events = await historyOf(client, executionArn);
  expect(eventTypes(events)).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionTimedOut']);
  expect(events.at(-1)).toMatchObject({
    previousEventId: 0,
    executionTimedOutEventDetails: { error: 'States.Timeout' },
  });
});
