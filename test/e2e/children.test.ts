/**
 * Nested executions while the server is killed ten times: each task that starts an execution has exactly one,
 * whatever the moment, and gets its end.
 */
import { expect, test } from 'vitest';
import { Client, type HistoryEvent } from '../../cli/client.ts';
import { randomFrom } from '../../runtime/expressions/random.ts';
import {
  createStateMachine,
  functionArn,
  historyOf,
  startExecution,
  untilEnded,
} from '../support/executions.ts';
import { historyFaults } from '../support/history-checker.ts';
import { type LambdaCall, LambdaEndpoint } from '../support/lambda-endpoint.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KILLS = 10;
const PARENTS_PER_KILL = 2;
const CHILDREN = 8;
const SEED = [0x5747, 0x4a2f, 0x1101, 0x2026] as const;

const CHILD = {
  StartAt: 'Double',
  States: {
    Double: {
      Type: 'Task',
      Resource: functionArn('double'),
      InputPath: '$.n',
      Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 30 }],
      End: true,
    },
  },
};

function parentOf(stateMachineArn: string): object {
  const start = {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: {
      StateMachineArn: stateMachineArn,
      Input: { 'n.$': '$', 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id' },
    },
    OutputPath: '$.Output',
    End: true,
  };
  return {
    StartAt: 'Each',
    States: {
      Each: { Type: 'Map', Iterator: { StartAt: 'Start', States: { Start: start } }, End: true },
    },
  };
}

function double(call: LambdaCall): void {
  call.answer((call.payload as number) * 2);
}

/** Answers so many calls as they come, and holds the next one: resolves with that one in flight. */
async function answerSome(endpoint: LambdaEndpoint, count: number): Promise<void> {
  let left = count;
  endpoint.onCall((call) => {
    if (left-- > 0) double(call);
  });
  await endpoint.untilInFlight((calls) => left < 0 && calls.length > 0);
}

test('parents and their children survive ten kills, and no child is started twice', {
  timeout: 180_000,
}, async () => {
  using folder = temporaryFolder();
  const endpoint = await LambdaEndpoint.start();
  const random = randomFrom(SEED);
  const options = {
    dataDir: folder.path,
    env: {
      AWS_ENDPOINT_URL_LAMBDA: endpoint.url,
      STATEHOUSE_WORKER_TIMEOUT_SECONDS: '1',
      LOG_LEVEL: 'error',
    },
  };
  const parents: { readonly executionArn: string; readonly items: readonly number[] }[] = [];
  let server = await ServerProcess.start(options);
  try {
    const childArn = await createStateMachine(new Client(server.url), 'child', CHILD);
    const parentArn = await createStateMachine(new Client(server.url), 'parent', parentOf(childArn));
    for (let kill = 0; kill < KILLS; kill++) {
      const client = new Client(server.url);
      endpoint.onCall(undefined);
      for (let i = 0; i < PARENTS_PER_KILL; i++) {
        const items = Array.from({ length: CHILDREN }, (_, n) => parents.length * CHILDREN + n);
        parents.push({ executionArn: await startExecution(client, parentArn, items), items });
      }
      await answerSome(endpoint, Math.floor(random.next() * 2 * CHILDREN));
      await server.kill();
      server = await ServerProcess.start(options);
    }
    endpoint.onCall(double);
    const client = new Client(server.url);
    const children: string[] = [];
    for (const { executionArn, items } of parents) {
      const { status, output } = await untilEnded(client, executionArn);
      expect({ status, output: JSON.parse(output ?? 'null') }).toEqual({
        status: 'SUCCEEDED',
        output: items.map((n) => 2 * n),
      });
      const events = await historyOf(client, executionArn);
      expect(historyFaults(events), executionArn).toEqual([]);
      children.push(...events.flatMap(childOf));
    }
    expect(children).toHaveLength(parents.length * CHILDREN);
    const started: string[] = [];
    for await (const page of client.pages('ListExecutions', { stateMachineArn: childArn }))
      for (const { executionArn, status } of page.executions) {
        expect(status).toBe('SUCCEEDED');
        started.push(executionArn);
      }
    expect(started.toSorted()).toEqual(children.toSorted());
  } finally {
    await server.stop();
    await endpoint.close();
  }
});

/** What a task has started. */
function childOf(event: HistoryEvent): string[] {
  if (event.type !== 'TaskSubmitted') return [];
  const { output } = event.taskSubmittedEventDetails as { output: string };
  return [(JSON.parse(output) as { ExecutionArn: string }).ExecutionArn];
}
