import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../../api/api.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import { openStore } from '../../store/open.ts';
import { createLogger } from '../../telemetry/log.ts';
import { PLACE } from '../support/place.ts';
import { createMachine, post, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const INVALID = { status: 400, type: 'InvalidToken', message: "Invalid Token: 'Invalid token'" };
let now = Date.UTC(2026, 0, 1);
let test: TestApi;
let stateMachineArn: string;
let nextToken: string;
beforeAll(async () => {
  test = await startTestApi({ now: () => now });
  for (const name of ['b', 'a', 'c']) stateMachineArn = await createMachine(test, name, WAIT_DEFINITION);
  for (let i = 0; i < 3; i++) await start(test, stateMachineArn);
  nextToken = (await test.call('ListExecutions', { stateMachineArn, maxResults: 1 })).nextToken ?? '';
});
afterAll(() => test.close());

it('goes through all state machines in the order of their creation', async () => {
  const first = await test.call('ListStateMachines', { maxResults: 2 });
  const second = await test.call('ListStateMachines', { maxResults: 2, nextToken: first.nextToken });
  expect([first, second].map((page) => page.stateMachines.map(({ name }) => name))).toEqual([
    ['b', 'a'],
    ['c'],
  ]);
  expect(second).not.toHaveProperty('nextToken');
  expect(await test.call('ListStateMachines', { maxResults: 3 })).not.toHaveProperty('nextToken');
});

it('is bound to the operation and its arguments', async () => {
  expect((await test.call('ListExecutions', { stateMachineArn, nextToken })).executions).toHaveLength(2);
  for (const [operation, input] of [
    ['ListExecutions', { stateMachineArn, nextToken, statusFilter: 'RUNNING' }],
    ['ListExecutions', { stateMachineArn: stateMachineArn.replace(/c$/, 'a'), nextToken }],
    ['ListStateMachines', { nextToken }],
  ] as const)
    expect(await test.fail(operation, input)).toEqual(INVALID);
});

it('is understood by every process', async () => {
  const logger = createLogger('silent');
  const store = await openStore({ databaseUrl: test.databaseUrl, poolSize: 1, logger });
  const api = createApi({ store, place: PLACE, ceilings: PORTABLE_LIMITS, logger, now: () => now });
  const response = await post(api, 'ListExecutions', JSON.stringify({ stateMachineArn, nextToken }));
  expect(response.json().executions).toHaveLength(2);
  await api.close();
  await store.close();
});

it.each([
  ['changed', () => nextToken.replace(/.$/, (c) => (c === 'A' ? 'Q' : 'A'))],
  ['changed in front', () => `X${nextToken.slice(1)}`],
  ['cut', () => nextToken.slice(0, -4)],
  ['without a seal', () => nextToken.split('.')[0]],
  ['of other origin', () => 'AAAAKgAAAAIAAAAAAAAAAQ=='],
  ['with U+0000', () => '\u0000'],
])('refuses a token that is %s', async (_what, token) => {
  expect(await test.fail('ListExecutions', { stateMachineArn, nextToken: token() })).toEqual(INVALID);
});

it('expires after 24 hours', async () => {
  const issued = now;
  now = issued + DAY_MS;
  expect((await test.call('ListExecutions', { stateMachineArn, nextToken })).executions).toHaveLength(2);
  now = issued + DAY_MS + 1;
  expect(await test.fail('ListExecutions', { stateMachineArn, nextToken })).toEqual(INVALID);
  now = issued;
});
