/** GetExecutionHistory of an execution of 25,000 events: pages of a thousand, from its first to its last. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Input } from '../../cli/client.ts';
import type { TaskIntegration } from '../../integrations/integration.ts';
import { openStore } from '../../store/open.ts';
import { createLogger } from '../../telemetry/log.ts';
import { newMachine } from '../machine.ts';
import type { Scenario } from '../scenario.ts';
import type { BenchServer } from '../server.ts';
import { percentile } from '../statistics.ts';

const PAGE_SIZE = 1000;
/** Seven events each, and five around them: a history may have 25,000. */
const ROUNDS = 3570;

const DEFINITION = {
  StartAt: 'Count',
  States: {
    Count: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:count', Next: 'Enough' },
    Enough: {
      Type: 'Choice',
      Choices: [{ Variable: '$', NumericLessThan: ROUNDS, Next: 'Count' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

const count: TaskIntegration = {
  name: 'count',
  serves: () => true,
  recovery: 'unknown',
  lost: () => ({ error: 'States.TaskFailed' }),
  invoke: async ({ input }) => ({ kind: 'succeeded', output: String(Number(input.text) + 1) }),
  close: async () => {},
};

/** Metrics: until a page is in hand that can be anywhere in the history, forwards and in reverse, in ms. */
export const history25000: Scenario = {
  name: 'history-25000',
  async run(server, { oneAtATime }) {
    const executionArn = await longExecution(server);
    const { url } = await server.api();
    const pageTimes = async (reverseOrder: boolean): Promise<number[]> => {
      const times: number[] = [];
      while (times.length < oneAtATime) {
        for (let nextToken: string | undefined = ''; nextToken !== undefined; ) {
          const input = {
            executionArn,
            reverseOrder,
            maxResults: PAGE_SIZE,
            ...(nextToken && { nextToken }),
          };
          const begin = performance.now();
          const page = await readPage(url, input);
          const ms = performance.now() - begin;
          if (page.split('"previousEventId"').length - 1 === PAGE_SIZE) times.push(ms);
          nextToken = NEXT_TOKEN.exec(page)?.[1];
        }
      }
      return times;
    };
    const [forwards, reverse] = [await pageTimes(false), await pageTimes(true)];
    return {
      pageMsP50: percentile(forwards, 50),
      pageMsP95: percentile(forwards, 95),
      reversePageMsP50: percentile(reverse, 50),
    };
  },
};

const NEXT_TOKEN = /"nextToken":"([^"]+)"/;

/** As text: what its reader makes of it is not ours. */
async function readPage(url: string, input: Input<'GetExecutionHistory'>): Promise<string> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AWSStepFunctions.GetExecutionHistory',
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
  const page = await response.text();
  if (!response.ok) throw new Error(page);
  return page;
}

const PACE_MS = 100;
const executions = new WeakMap<BenchServer, Promise<string>>();

/** Run once for all runs: its ARN. */
function longExecution(server: BenchServer): Promise<string> {
  const known = executions.get(server) ?? runLong(server);
  executions.set(server, known);
  return known;
}

async function runLong(server: BenchServer): Promise<string> {
  const stateMachineArn = await newMachine(server, 'history-25000', DEFINITION);
  // Thousands of steps one after the other, which are not what is measured: none of them waits for the disk.
  const url = new URL(server.databaseUrl);
  url.searchParams.set('options', '-c synchronous_commit=off');
  const store = await openStore({ databaseUrl: url.href, poolSize: 4, logger: createLogger('warn') });
  const worker = server.worker({ find: () => count, close: async () => {} }, store.leases);
  await worker.start();
  try {
    const { executionArn } = await server.client.call('StartExecution', { stateMachineArn, input: '0' });
    for (;;) {
      const { status } = await server.client.call('DescribeExecution', { executionArn });
      if (status === 'SUCCEEDED') return executionArn;
      if (status !== 'RUNNING') throw new Error(`${executionArn} ended as ${status}`);
      await sleep(PACE_MS);
    }
  } finally {
    await worker.stop();
    await store.close();
  }
}
