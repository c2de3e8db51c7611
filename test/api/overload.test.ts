/** More is asked of the API than it can do: it refuses the rest at once, and keeps its promises to those it has answered. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMachine, PASS_DEFINITION, post, startTestApi, type TestApi } from './test-api.ts';

const SLOTS = 20;
const BYTES = 100_000;

let test: TestApi;
let session: pg.Client;
beforeAll(async () => {
  test = await startTestApi({ maxConcurrentRequests: SLOTS, bodiesBytesMax: BYTES });
  session = new pg.Client({ connectionString: test.databaseUrl });
  await session.connect();
});
afterAll(async () => {
  await session.end();
  await test.close();
});

/** Nothing that touches state machines gets an answer of Postgres meanwhile. */
async function whileLocked<Result>(run: () => Promise<Result>): Promise<Result> {
  await session.query('begin; lock table statehouse.state_machines in access exclusive mode');
  try {
    return await run();
  } finally {
    await session.query('rollback');
  }
}

/** Sends all of them; answers those that are refused, as soon as there are so many, and the others in the end. */
async function flood(
  stateMachineArn: string,
  { count, refused, input = '{}' }: { count: number; refused: number; input?: string },
): Promise<{ refused: Answer[]; taken: Promise<Answer[]> }> {
  const early: Answer[] = [];
  const all = Array.from({ length: count }, async (_, n) => {
    const name = `n${n}-${input.length}`;
    const answer = await post(test.api, 'StartExecution', JSON.stringify({ stateMachineArn, name, input }));
    early.push(answer);
    return answer;
  });
  await expect.poll(() => early.length, { timeout: 10_000 }).toBe(refused);
  const isRefused = new Set(early);
  return {
    refused: [...early],
    taken: Promise.all(all).then((answers) => answers.filter((answer) => !isRefused.has(answer))),
  };
}

type Answer = Awaited<ReturnType<typeof post>>;

it('four times too much, of a Postgres that stands still: the rest is refused at once, what was taken is durable', async () => {
  const stateMachineArn = await createMachine(test, 'flooded', PASS_DEFINITION);
  const { taken } = await whileLocked(async () => {
    const answers = await flood(stateMachineArn, { count: 4 * SLOTS, refused: 3 * SLOTS });
    for (const answer of answers.refused) {
      expect([answer.statusCode, answer.json().__type]).toEqual([400, 'ThrottlingException']);
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect((await test.api.inject({ url: '/healthz' })).statusCode).toBe(200);
    return answers;
  });
  for (const answer of await taken) {
    expect(answer.statusCode).toBe(200);
    const { executionArn } = answer.json();
    expect((await test.call('DescribeExecution', { executionArn })).status).toBe('RUNNING');
  }
  const { executions } = await test.call('ListExecutions', { stateMachineArn });
  expect(executions).toHaveLength(SLOTS);
});

it('bodies that hold too much together are refused before they are read; one alone may be as large as it may', async () => {
  const stateMachineArn = await createMachine(test, 'heavy', PASS_DEFINITION);
  const input = JSON.stringify('x'.repeat(BYTES / 3));
  const { taken } = await whileLocked(async () => {
    const answers = await flood(stateMachineArn, { count: 4, refused: 2, input });
    for (const answer of answers.refused)
      expect(answer.json()).toEqual({
        __type: 'ThrottlingException',
        message: 'Rate exceeded: the requests that are being worked on hold too much',
      });
    return answers;
  });
  expect((await taken).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  const large = JSON.stringify({ stateMachineArn, input: JSON.stringify('x'.repeat(2 * BYTES)) });
  expect((await post(test.api, 'StartExecution', large)).statusCode).toBe(200);
});
