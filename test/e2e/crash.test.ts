/**
 * The crash test: 200 executions while the server is killed 20 times, mostly with calls under way. What an
 * execution promises must hold whatever the moment: it ends right, its history is whole, and no attempt that
 * its history shows reached the function twice.
 */
import { expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { randomFrom } from '../../runtime/expressions/random.ts';
import {
  createStateMachine,
  functionArn,
  historyOf,
  startExecution,
  untilEnded,
} from '../support/executions.ts';
import { historyFaults, scheduledEventIds } from '../support/history-checker.ts';
import { type LambdaCall, LambdaEndpoint } from '../support/lambda-endpoint.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KILLS = 20;
const EXECUTIONS_PER_KILL = 10;
const SEED = [0x5747, 0x4a2f, 0x1101, 0x2026] as const;

function increment(n: string, resultPath: object, next: object): object {
  return {
    Type: 'Task',
    Resource: functionArn('increment'),
    Parameters: { 'n.$': n },
    Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 30 }],
    ...resultPath,
    ...next,
  };
}

const DEFINITION = {
  StartAt: 'First',
  States: {
    First: increment('$.n', { ResultPath: '$.first' }, { Next: 'Both' }),
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Left', States: { Left: increment('$.first', {}, { End: true }) } },
        { StartAt: 'Right', States: { Right: increment('$.first', {}, { End: true }) } },
      ],
      ResultPath: '$.both',
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.both',
      ItemProcessor: { StartAt: 'One', States: { One: increment('$', {}, { End: true }) } },
      ResultPath: '$.each',
      Next: 'Last',
    },
    Last: increment('$.each[1]', { ResultPath: '$.last' }, { End: true }),
  },
};

function expectedOutput(n: number): object {
  return { n, first: n + 1, both: [n + 2, n + 2], each: [n + 3, n + 3], last: n + 4 };
}

function answerIncrement(call: LambdaCall): void {
  call.answer((call.payload as { n: number }).n + 1);
}

test('200 executions survive 20 kills', { timeout: 180_000 }, async () => {
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
  const started: { readonly executionArn: string; readonly n: number }[] = [];
  let killsWithCallsInFlight = 0;

  let server = await ServerProcess.start(options);
  try {
    const stateMachineArn = await createStateMachine(new Client(server.url), 'increments', DEFINITION);
    for (let kill = 0; kill < KILLS; kill++) {
      const client = new Client(server.url);
      endpoint.onCall(undefined);
      for (let i = 0; i < EXECUTIONS_PER_KILL; i++) {
        const n = started.length;
        started.push({ executionArn: await startExecution(client, stateMachineArn, { n }), n });
      }
      await answerSome(endpoint, Math.floor(random.next() * 5 * EXECUTIONS_PER_KILL));
      killsWithCallsInFlight += endpoint.inFlight.length > 0 ? 1 : 0;
      await server.kill();
      server = await ServerProcess.start(options);
    }
    endpoint.onCall(answerIncrement);
    await checkAll(new Client(server.url), started, endpoint.receivedKeys);
  } finally {
    await server.stop();
    await endpoint.close();
  }
  expect(killsWithCallsInFlight).toBeGreaterThanOrEqual(KILLS / 2);
});

/** Answers so many calls as they come, and holds the next one: resolves with that one in flight. */
async function answerSome(endpoint: LambdaEndpoint, count: number): Promise<void> {
  let left = count;
  endpoint.onCall((call) => {
    if (left-- > 0) answerIncrement(call);
  });
  await endpoint.untilInFlight((calls) => left < 0 && calls.length > 0);
}

async function checkAll(
  client: Client,
  started: readonly { readonly executionArn: string; readonly n: number }[],
  receivedKeys: readonly string[],
): Promise<void> {
  const attempts = new Set<string>();
  for (const { executionArn, n } of started) {
    const execution = await untilEnded(client, executionArn);
    const events = await historyOf(client, executionArn);
    expect(historyFaults(events), executionArn).toEqual([]);
    expect({ status: execution.status, output: JSON.parse(execution.output ?? 'null') }).toEqual({
      status: 'SUCCEEDED',
      output: expectedOutput(n),
    });
    for (const id of scheduledEventIds(events)) attempts.add(`${executionArn}#${id}`);
  }
  const twice = receivedKeys.filter((key, i) => receivedKeys.indexOf(key) !== i);
  const unknown = receivedKeys.filter((key) => !attempts.has(key));
  expect({ twice, unknown }).toEqual({ twice: [], unknown: [] });
}
