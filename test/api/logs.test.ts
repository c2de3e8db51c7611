import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/api.ts';
import { expressArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { executionStream, label, logEntry, ORDER } from '../support/log-entries.ts';
import { PLACE } from '../support/place.ts';
import { ManualClock } from '../worker/manual-clock.ts';
import { createMachine, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const clock = new ManualClock();
let test: TestApi;
beforeAll(async () => {
  test = await startTestApi({ clock });
  await createMachine(test, 'order', WAIT_DEFINITION);
});
afterAll(() => test.close());

interface Answer {
  readonly events: ReturnType<typeof logEntry>['record'][];
  readonly nextCursor: string;
}

function get(query: Record<string, string>, { api } = test) {
  return api.inject({ url: `/api/v1/logs?${new URLSearchParams(query)}` });
}

async function logs(query: Record<string, string>): Promise<Answer> {
  const response = await get(query);
  expect(response.statusCode, response.payload).toBe(200);
  return response.json() as Answer;
}

describe('GET /api/v1/logs', () => {
  it('answers the records of an execution, and of all executions of a state machine', async () => {
    const entries = [logEntry('höhe', 1, { name: 'A' }), logEntry('other', 1), logEntry('höhe', 2)];
    await test.store.logs.write(entries);
    const [first, other, second] = entries.map(({ record }) => record);
    expect((await logs({ arn: executionStream('höhe').arn })).events).toEqual([first, second]);
    expect((await logs({ arn: ORDER.arn })).events).toEqual([first, second, other]);
  });

  it('pages forward from a cursor, which stands still where there is nothing more', async () => {
    const arn = await start(test, ORDER.arn, { name: 'paged' });
    await test.store.logs.write([1, 2, 3].map((id) => logEntry('paged', id)));
    const first = await logs({ arn, limit: '2' });
    expect(first.events.map(label)).toEqual(['paged:1', 'paged:2']);
    const second = await logs({ arn, limit: '2', after: first.nextCursor });
    expect(second.events.map(label)).toEqual(['paged:3']);
    expect(await logs({ arn, after: second.nextCursor })).toEqual({
      events: [],
      nextCursor: second.nextCursor,
    });
    await test.store.logs.write([logEntry('paged', 4)]);
    expect((await logs({ arn, after: second.nextCursor })).events.map(label)).toEqual(['paged:4']);
  });

  it('begins at a time', async () => {
    const arn = await start(test, ORDER.arn, { name: 'timed' });
    await test.store.logs.write([logEntry('timed', 1)]);
    const since = (ms: number) => new Date(Date.now() + ms).toISOString();
    expect((await logs({ arn, since: since(-60_000) })).events).toHaveLength(1);
    expect((await logs({ arn, since: since(60_000) })).events).toEqual([]);
    expect((await logs({ arn, since: '0001-01-01' })).events).toHaveLength(1);
    const late = await logs({ arn: ORDER.arn, since: '9999-12-31' });
    expect(await logs({ arn: ORDER.arn, after: late.nextCursor })).toEqual(late);
  });

  it('keeps the logs of a state machine that is gone', async () => {
    const arn = await createMachine(test, 'gone');
    await test.store.logs.write([{ ...logEntry('kept', 1), stateMachineArn: arn }]);
    await test.call('DeleteStateMachine', { stateMachineArn: arn });
    const { events, nextCursor } = await logs({ arn });
    expect(events).toHaveLength(1);
    expect(await logs({ arn, after: nextCursor })).toEqual({ events: [], nextCursor });
  });

  describe('waits', () => {
    const isWaiting = () => expect.poll(() => clock.timers, { timeout: 30_000 }).toBe(1);
    afterEach(() => expect(clock.timers).toBe(0));

    it('for the first record to be there', async () => {
      const executionArn = await start(test, ORDER.arn, { name: 'awaited' });
      const waiting = get({ arn: executionArn, wait: '300' });
      await isWaiting();
      clock.advance(60_000);
      await isWaiting();
      await test.store.logs.write([logEntry('awaited', 1)]);
      clock.advance(300);
      expect((await waiting).json().events.map(label)).toEqual(['awaited:1']);
    });

    it('until the time is up', async () => {
      const executionArn = await start(test, ORDER.arn, { name: 'silent' });
      const waiting = get({ arn: executionArn, after: '7', wait: '0.1' });
      await isWaiting();
      clock.advance(100);
      expect((await waiting).json()).toEqual({ events: [], nextCursor: '7' });
    });

    it('not for a server that closes', async () => {
      const executionArn = await start(test, ORDER.arn, { name: 'closing' });
      const api = createApi({
        store: test.store,
        place: PLACE,
        ceilings: PORTABLE_LIMITS,
        logger: createLogger('silent'),
        clock,
      });
      const waiting = get({ arn: executionArn, wait: '300' }, { ...test, api });
      await isWaiting();
      await api.close();
      expect((await waiting).json()).toEqual({ events: [], nextCursor: '0' });
    });
  });

  const missing = stateMachineArn(PLACE, 'missing');
  const elsewhere = { ...PLACE, accountId: '111111111111' };
  it.each([
    ['an unknown state machine', { arn: missing }, 'StateMachineDoesNotExist'],
    ['one of another account', { arn: stateMachineArn(elsewhere, 'order') }, 'StateMachineDoesNotExist'],
    ['a version', { arn: `${ORDER.arn}:1` }, 'ValidationException'],
    ['an unknown execution', executionStream('unknown'), 'ExecutionDoesNotExist'],
    ['an Express execution of no state machine', express('missing'), 'ExecutionDoesNotExist'],
    ['one of another account', express('order', elsewhere), 'ExecutionDoesNotExist'],
    ['half an Express execution', { arn: express('order').arn.replace(/:id$/, '') }, 'ExecutionDoesNotExist'],
    ['an activity', { arn: ORDER.arn.replace('stateMachine', 'activity') }, 'InvalidArn'],
    ['no ARN', { arn: 'order' }, 'InvalidArn'],
    ['no parameter at all', {}, 'ValidationException'],
    ['a cursor that is none', { ...ORDER, after: '-1' }, 'InvalidToken'],
    ['a time that is none', { ...ORDER, since: '10m' }, 'ValidationException'],
    ['two beginnings', { ...ORDER, after: '1', since: '2026-05-04' }, 'ValidationException'],
    ['a page of nothing', { ...ORDER, limit: '0' }, 'ValidationException'],
    ['a page too large', { ...ORDER, limit: '1001' }, 'ValidationException'],
    ['a wait too long', { ...ORDER, wait: '301' }, 'ValidationException'],
  ])('refuses %s', async (_what, query, type) => {
    const response = await get(query as Record<string, string>);
    expect([response.statusCode, response.json().__type]).toEqual([400, type]);
  });

  it('takes an Express execution that has logged nothing for one', async () => {
    expect(await logs(express('order'))).toEqual({ events: [], nextCursor: '0' });
  });
});

function express(stateMachine: string, place = PLACE): { arn: string } {
  return { arn: expressArn(place, stateMachine, 'name', 'id') };
}
