/**
 * The crash test of asynchronous Express executions: workers are killed with executions under way, and the API with
 * starts under way; `PROPERTY_RUNS=4` makes it 20 kills of workers. Each start that was answered runs to its end, at least once; none is lost.
 */
import pg from 'pg';
import { expect, test } from 'vitest';
import { startRole } from '../../bench/role-process.ts';
import { Client } from '../../cli/client.ts';
import { randomFrom } from '../../runtime/expressions/random.ts';
import { functionArn } from '../support/executions.ts';
import { type LambdaCall, LambdaEndpoint } from '../support/lambda-endpoint.ts';
import { patience, runs } from '../support/runs.ts';
import { createTestDatabase } from '../support/test-database.ts';

const WORKER_KILLS = runs(5);
/** The API is killed with every so manieth worker. */
const API_KILLED_EVERY = 5;
const STARTS_PER_KILL = 25;
const SEED = [0x0e57, 0x4a2f, 0x1101, 0x2026] as const;

const task = (name: string, next: object) => ({ Type: 'Task', Resource: functionArn(name), ...next });
const DEFINITION = JSON.stringify({
  StartAt: 'First',
  States: {
    First: task('first', { ResultPath: null, Next: 'Last' }),
    Last: task('last', { End: true }),
  },
});

const numberOf = (call: LambdaCall) => (call.payload as { n: number }).n;

test('kills lose no execution', { timeout: patience(180_000) }, async () => {
  const database = await createTestDatabase();
  const endpoint = await LambdaEndpoint.start();
  const random = randomFrom(SEED);
  const env = { AWS_ENDPOINT_URL_LAMBDA: endpoint.url, STATEHOUSE_WORKER_TIMEOUT_SECONDS: '1' };
  const startApi = () => startRole('api', database.url);
  const startWorker = () => startRole('worker', database.url, env);
  let [api, worker] = await Promise.all([startApi(), startWorker()]);
  try {
    const { stateMachineArn } = await new Client(api.url).call('CreateStateMachine', {
      name: 'express',
      type: 'EXPRESS',
      definition: DEFINITION,
      roleArn: 'arn:aws:iam::000000000000:role/statehouse',
    });
    const answered: number[] = [];
    const ended = new Set<number>();
    const answer = (call: LambdaCall): void => {
      if (call.functionName === 'last') ended.add(numberOf(call));
      call.answer(null);
    };
    let asked = 0;
    let killsWithCallsInFlight = 0;
    for (let kill = 1; kill <= WORKER_KILLS; kill++) {
      const killsApi = kill % API_KILLED_EVERY === 0;
      // Answers some calls, and holds the next one: that is in flight when the worker is killed.
      let left = killsApi ? 0 : Math.floor(random.next() * 2 * STARTS_PER_KILL);
      endpoint.onCall((call) => {
        if (left-- > 0) answer(call);
      });
      const client = new Client(api.url);
      const starts = Array.from({ length: STARTS_PER_KILL }, async () => {
        const n = asked++;
        await client.call('StartExecution', { stateMachineArn, input: JSON.stringify({ n }) });
        answered.push(n);
      });
      if (killsApi) {
        await Promise.race(starts);
        await api.end('SIGKILL');
        await Promise.allSettled(starts);
        api = await startApi();
      } else await Promise.all(starts);
      await endpoint.untilInFlight((calls) => left < 0 && calls.length > 0);
      killsWithCallsInFlight += endpoint.inFlight.length > 0 ? 1 : 0;
      await worker.end('SIGKILL');
      worker = await startWorker();
    }
    endpoint.onCall(answer);
    await untilNoneIsLeft(database.url);
    expect(answered.length).toBeGreaterThanOrEqual(
      (WORKER_KILLS - WORKER_KILLS / API_KILLED_EVERY) * STARTS_PER_KILL,
    );
    expect(answered.filter((n) => !ended.has(n))).toEqual([]);
    expect(killsWithCallsInFlight).toBe(WORKER_KILLS);
    // What was under way when a worker died has run again, from its beginning.
    expect(new Set(endpoint.receivedKeys).size).toBeLessThan(endpoint.receivedKeys.length);
  } finally {
    await Promise.all([worker.end('SIGKILL'), api.end('SIGKILL')]);
    await endpoint.close();
    await database.drop();
  }
});

async function untilNoneIsLeft(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    let left = Number.POSITIVE_INFINITY;
    while (left > 0) {
      const { rows } = await client.query('select count(*)::int as left from statehouse.express_executions');
      left = rows[0].left;
    }
  } finally {
    await client.end();
  }
}
