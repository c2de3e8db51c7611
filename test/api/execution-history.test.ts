import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Output } from '../../api/model/shapes.ts';
import { playWorker } from './play-worker.ts';
import { createMachine, ROLE_ARN, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const T0 = Date.UTC(2026, 0, 1) + 5;
type Events = Output<'GetExecutionHistory'>['events'];
let test: TestApi;
beforeAll(async () => {
  test = await startTestApi({ now: () => T0 });
});
afterAll(() => test.close());

/** So many Pass states in a row. */
function passStates(count: number): string {
  const states = Array.from({ length: count }, (_, i) => [
    `Pass ${i}`,
    { Type: 'Pass', ...(i + 1 < count ? { Next: `Pass ${i + 1}` } : { End: true }) },
  ]);
  return JSON.stringify({ StartAt: 'Pass 0', States: Object.fromEntries(states) });
}

async function pages(input: object): Promise<Events[]> {
  const found: Events[] = [];
  let nextToken: string | undefined;
  do {
    const page = await test.call('GetExecutionHistory', { ...input, nextToken });
    found.push(page.events);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

describe('GetExecutionHistory', () => {
  it('answers the events in the shape of AWS, in both orders', async () => {
    const executionArn = await start(test, await createMachine(test, 'short'), { input: '{ "a" : 1 }' });
    await playWorker(test.store, executionArn);
    const timestamp = T0 / 1000;
    const truncated = { truncated: false };
    const input = '{ "a" : 1 }';
    const output = '"hello"';
    const expected = [
      {
        id: 1,
        previousEventId: 0,
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input, inputDetails: truncated, roleArn: ROLE_ARN },
      },
      {
        id: 2,
        previousEventId: 0,
        type: 'PassStateEntered',
        stateEnteredEventDetails: { name: 'Greet', input, inputDetails: truncated },
      },
      {
        id: 3,
        previousEventId: 2,
        type: 'PassStateExited',
        stateExitedEventDetails: { name: 'Greet', output, outputDetails: truncated },
      },
      {
        id: 4,
        previousEventId: 3,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output, outputDetails: truncated },
      },
    ].map((event) => ({ timestamp, ...event }));
    expect(await test.call('GetExecutionHistory', { executionArn })).toEqual({ events: expected });
    expect(await test.call('GetExecutionHistory', { executionArn, reverseOrder: true })).toEqual({
      events: expected.toReversed(),
    });
    const bare = await test.call('GetExecutionHistory', { executionArn, includeExecutionData: false });
    expect(bare.events.slice(0, 2)).toEqual([
      {
        id: 1,
        previousEventId: 0,
        timestamp,
        type: 'ExecutionStarted',
        executionStartedEventDetails: { roleArn: ROLE_ARN },
      },
      {
        id: 2,
        previousEventId: 0,
        timestamp,
        type: 'PassStateEntered',
        stateEnteredEventDetails: { name: 'Greet' },
      },
    ]);
  });

  it('answers the events of a running execution', async () => {
    const executionArn = await start(test, await createMachine(test, 'waiting', WAIT_DEFINITION));
    expect((await test.call('GetExecutionHistory', { executionArn })).events.map(({ type }) => type)).toEqual(
      ['ExecutionStarted'],
    );
    await playWorker(test.store, executionArn);
    expect((await test.call('GetExecutionHistory', { executionArn })).events.map(({ type }) => type)).toEqual(
      ['ExecutionStarted', 'WaitStateEntered'],
    );
  });

  describe('of 2 × 150 + 2 events', () => {
    const ids = Array.from({ length: 302 }, (_, i) => i + 1);
    let executionArn: string;
    beforeAll(async () => {
      executionArn = await start(test, await createMachine(test, 'long', passStates(150)));
      await playWorker(test.store, executionArn);
    });

    it.each([
      [1000, [302]],
      [0, [100, 100, 100, 2]],
      [151, [151, 151]],
      [150, [150, 150, 2]],
      [301, [301, 1]],
      [302, [302]],
    ])('gives pages of %i', async (maxResults, lengths) => {
      const found = await pages({ executionArn, maxResults });
      expect(found.map((page) => page.length)).toEqual(lengths);
      expect(found.flat().map(({ id }) => id)).toEqual(ids);
      const reversed = await pages({ executionArn, maxResults, reverseOrder: true });
      expect(reversed.map((page) => page.length)).toEqual(lengths);
      expect(reversed.flat().map(({ id }) => id)).toEqual(ids.toReversed());
    });

    it('gives one event a page', async () => {
      const page = await test.call('GetExecutionHistory', {
        executionArn,
        maxResults: 1,
        reverseOrder: true,
      });
      expect(page.events.map(({ id }) => id)).toEqual([302]);
      const next = { executionArn, maxResults: 1, reverseOrder: true, nextToken: page.nextToken };
      expect((await test.call('GetExecutionHistory', next)).events.map(({ id }) => id)).toEqual([301]);
    });
  });

  it('ends a page early when its events are big, and loses none', async () => {
    const loop = JSON.stringify({
      StartAt: 'Fill',
      States: {
        Fill: { Type: 'Pass', Result: { n: 0, data: 'x'.repeat(200_000) }, Next: 'More' },
        More: {
          Type: 'Pass',
          Parameters: { 'n.$': 'States.MathAdd($.n, 1)', 'data.$': '$.data' },
          Next: 'Enough',
        },
        Enough: {
          Type: 'Choice',
          Choices: [{ Variable: '$.n', NumericLessThan: 60, Next: 'More' }],
          Default: 'Done',
        },
        Done: { Type: 'Succeed' },
      },
    });
    const looping = await start(test, await createMachine(test, 'looping', loop));
    const { execution } = await playWorker(test.store, looping);
    const found = await pages({ executionArn: looping, maxResults: 1000 });
    expect(found.length).toBeGreaterThan(1);
    expect(found.flat().map(({ id }) => id)).toEqual(
      Array.from({ length: execution.lastEventId }, (_, i) => i + 1),
    );
  });
});
