/** Limits of its own that a state machine is given by tags, and what of them an execution starts with. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/api.ts';
import { decodeEvents, type ExecutionLimits, PORTABLE_LIMITS } from '../../runtime/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { PLACE } from '../support/place.ts';
import {
  createMachine,
  PASS_DEFINITION,
  post,
  ROLE_ARN,
  start,
  startTestApi,
  type TestApi,
} from './test-api.ts';

const EVENTS = 'statehouse:maxHistoryEvents';
const BYTES = 'statehouse:maxPayloadBytes';
const CONCURRENCY = 'statehouse:maxConcurrency';
const ceilings = { maxHistoryEvents: 100_000, maxPayloadBytes: 2_000_000 };

let test: TestApi;
let portable: string;
let extended: string;
beforeAll(async () => {
  test = await startTestApi({ ceilings });
  portable = await createMachine(test, 'portable');
  const { stateMachineArn } = await test.call('CreateStateMachine', {
    name: 'extended',
    definition: PASS_DEFINITION,
    roleArn: ROLE_ARN,
    tags: [
      { key: EVENTS, value: '100000' },
      { key: BYTES, value: '2000000' },
    ],
  });
  extended = stateMachineArn;
});
afterAll(() => test.close());

/** What an execution was started with; undefined: AWS's limits. */
async function limitsOf(executionArn: string): Promise<ExecutionLimits | undefined> {
  const [machine = '', name = ''] = executionArn.split(':').slice(-2);
  const { id = '' } = (await test.store.executions.find(PLACE, machine, name)) ?? {};
  const [row] = await test.store.executions.journal(id, { from: 1, to: 1 });
  const [event] = decodeEvents(row?.body ?? '', 1);
  return event?.type === 'ExecutionStarted' ? event.private.limits : undefined;
}

function tooLong(limit: number) {
  return {
    status: 400,
    type: 'ValidationException',
    message: `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
  };
}

/** JSON of so many bytes, two a character. */
const inputOf = (bytes: number): string => JSON.stringify('é'.repeat((bytes - 2) / 2));

describe('an execution', () => {
  it('of a portable machine has AWS’s limits, whatever the ceilings are', async () => {
    expect(await limitsOf(await start(test, portable))).toBeUndefined();
    await start(test, portable, { input: inputOf(262_144) });
    const large = { stateMachineArn: portable, input: inputOf(262_146) };
    expect(await test.fail('StartExecution', large)).toEqual(tooLong(262_144));
  });

  it('of an extended machine has those of its tags', async () => {
    expect(await limitsOf(await start(test, extended))).toEqual(ceilings);
    const input = inputOf(2_000_000);
    const executionArn = await start(test, extended, { input });
    expect((await test.call('DescribeExecution', { executionArn })).input).toBe(input);
    const large = { stateMachineArn: extended, input: inputOf(2_000_002) };
    expect(await test.fail('StartExecution', large)).toEqual(tooLong(2_000_000));
  });

  it('is not told of them: an history shows what AWS shows', async () => {
    const executionArn = await start(test, extended);
    const { events } = await test.call('GetExecutionHistory', { executionArn });
    expect(JSON.stringify(events)).not.toContain('2000000');
  });

  it('has what the tags say when it starts, and keeps it', async () => {
    const stateMachineArn = await createMachine(test, 'changing');
    const tagged = (tags: object[]) => test.call('TagResource', { resourceArn: stateMachineArn, tags });
    const before = await start(test, stateMachineArn);
    await tagged([{ key: BYTES, value: '300000' }]);
    const raised = await start(test, stateMachineArn, { input: inputOf(300_000) });
    await tagged([
      { key: EVENTS, value: '500' },
      { key: BYTES, value: '1000' },
    ]);
    const lowered = await start(test, stateMachineArn);
    expect(await test.fail('StartExecution', { stateMachineArn, input: inputOf(1002) })).toEqual(
      tooLong(1000),
    );
    await test.call('UntagResource', { resourceArn: stateMachineArn, tagKeys: [BYTES, EVENTS] });
    const after = await start(test, stateMachineArn);
    expect(await Promise.all([before, raised, lowered, after].map(limitsOf))).toEqual([
      undefined,
      { maxHistoryEvents: 25_000, maxPayloadBytes: 300_000 },
      { maxHistoryEvents: 500, maxPayloadBytes: 1000 },
      undefined,
    ]);
  });

  it.each([
    [
      'are obeyed',
      { maxHistoryEvents: 50_000, maxPayloadBytes: 500_000 },
      { maxHistoryEvents: 50_000, maxPayloadBytes: 500_000 },
    ],
    ['never take away what AWS gives', { maxHistoryEvents: 10, maxPayloadBytes: 10 }, PORTABLE_LIMITS],
  ])('ceilings that were lowered after the tags were set %s', async (_what, lowered, limits) => {
    const logger = createLogger('silent');
    const api = createApi({ store: test.store, place: PLACE, ceilings: lowered, logger });
    const answer = await post(api, 'StartExecution', JSON.stringify({ stateMachineArn: extended }));
    expect(await limitsOf(answer.json().executionArn)).toEqual(limits);
    await api.close();
  });
});

describe('a payload that belongs to no extended machine', () => {
  it('has AWS’s limit, whatever the ceilings are', async () => {
    const input = inputOf(262_146);
    expect(await test.fail('TestState', { definition: '{}', input })).toMatchObject({
      type: 'ValidationException',
      message: expect.stringContaining('less than or equal to 262144'),
    });
  });

  it('has the ceiling where only the execution knows', async () => {
    const answer = (bytes: number) =>
      test.fail('SendTaskSuccess', { taskToken: 'a', output: inputOf(bytes) });
    expect((await answer(2_000_000)).type).toBe('InvalidToken');
    expect((await answer(2_000_002)).message).toContain('less than or equal to 2000000');
  });
});

describe('a reserved tag', () => {
  it.each([
    [EVENTS, '100001', 100_000],
    [BYTES, '2000001', 2_000_000],
    [BYTES, '99999999999999999999', 2_000_000],
    [BYTES, '0', 2_000_000],
    [BYTES, '-1', 2_000_000],
    [BYTES, '1.5', 2_000_000],
    [BYTES, '1e6', 2_000_000],
    [BYTES, '300 000', 2_000_000],
    [BYTES, '', 2_000_000],
    [CONCURRENCY, '100001', 100_000],
    [CONCURRENCY, '0', 100_000],
  ])('%s=%s is refused', async (key, value, ceiling) => {
    const refused = {
      status: 400,
      type: 'ValidationException',
      message: `Invalid value '${value}' of tag '${key}': expected a positive integer of at most ${ceiling}, the ceiling of this installation`,
    };
    const tags = [{ key, value }];
    expect(await test.fail('TagResource', { resourceArn: portable, tags })).toEqual(refused);
    const create = { name: 'refused', definition: PASS_DEFINITION, roleArn: ROLE_ARN, tags };
    expect(await test.fail('CreateStateMachine', create)).toEqual(refused);
    expect((await test.call('ListTagsForResource', { resourceArn: portable })).tags).toEqual([]);
  });

  it('for concurrency is for STANDARD state machines only', async () => {
    const tags = [{ key: CONCURRENCY, value: '10' }];
    const create = { name: 'express', type: 'EXPRESS', definition: PASS_DEFINITION, roleArn: ROLE_ARN };
    const refused = {
      status: 400,
      type: 'ValidationException',
      message: `Invalid tag '${CONCURRENCY}': it is for STANDARD state machines, this one is EXPRESS`,
    };
    expect(await test.fail('CreateStateMachine', { ...create, tags })).toEqual(refused);
    const { stateMachineArn: resourceArn } = await test.call('CreateStateMachine', create);
    expect(await test.fail('TagResource', { resourceArn, tags })).toEqual(refused);
  });

  it('that is misspelt is refused, too', async () => {
    const tags = [{ key: 'statehouse:maxPayloadByte', value: '1000' }];
    expect((await test.fail('TagResource', { resourceArn: portable, tags })).message).toBe(
      "Unknown tag 'statehouse:maxPayloadByte': of the tags that begin with 'statehouse:' there are only statehouse:maxHistoryEvents, statehouse:maxPayloadBytes, statehouse:maxConcurrency",
    );
  });
});
