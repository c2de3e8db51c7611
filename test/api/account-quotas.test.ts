import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccountQuotas } from '../../api/account-quotas.ts';
import type { Store } from '../../store/store.ts';
import { PLACE } from '../support/place.ts';
import {
  createMachine,
  PASS_DEFINITION,
  ROLE_ARN,
  start,
  startTestApi,
  type TestApi,
  WAIT_DEFINITION,
} from './test-api.ts';

let test: TestApi;
afterAll(() => test.close());

describe('an account that has as much as it may have', () => {
  let now = Date.UTC(2026, 0, 1);
  beforeAll(async () => {
    test = await startTestApi({
      isThrottled: true,
      accountLimits: { stateMachines: 2, activities: 2, openExecutions: 2 },
      now: () => now,
    });
  });

  it('starts no execution until one has ended', async () => {
    const stateMachineArn = await createMachine(test, 'waiting', WAIT_DEFINITION);
    const executionArn = await start(test, stateMachineArn);
    await start(test, stateMachineArn);
    expect(await test.fail('StartExecution', { stateMachineArn })).toEqual({
      status: 400,
      type: 'ExecutionLimitExceeded',
      message:
        'The maximum number of running executions has been reached. Running executions must end or be stopped before a new execution can be started.',
    });
    await test.call('StopExecution', { executionArn });
    now += 5_000;
    await start(test, stateMachineArn);
  });

  it('creates no state machine until one is gone', async () => {
    const stateMachineArn = await createMachine(test, 'second');
    const third = { name: 'third', definition: PASS_DEFINITION, roleArn: ROLE_ARN };
    expect(await test.fail('CreateStateMachine', third)).toEqual({
      status: 400,
      type: 'StateMachineLimitExceeded',
      message:
        'The maximum number of state machines has been reached. Existing state machines must be deleted before a new state machine can be created.',
    });
    await test.call('DeleteStateMachine', { stateMachineArn });
    now += 5_000;
    await test.call('CreateStateMachine', third);
  });

  it('creates no activity until one is gone', async () => {
    const { activityArn } = await test.call('CreateActivity', { name: 'first' });
    await test.call('CreateActivity', { name: 'second' });
    expect(await test.fail('CreateActivity', { name: 'third' })).toEqual({
      status: 400,
      type: 'ActivityLimitExceeded',
      message:
        'The maximum number of activities has been reached. Existing activities must be deleted before a new activity can be created.',
    });
    await test.call('DeleteActivity', { activityArn });
    now += 5_000;
    await test.call('CreateActivity', { name: 'third' });
  });
});

describe('counting', () => {
  let now = 0;
  /** What is there, in the eyes of whoever counts; null: the count fails. */
  let present: number | null = 0;
  let counts = 0;
  const count: Store['executions']['countOpen'] = async (_place, maximum) => {
    counts++;
    if (present === null) throw new Error('the database is away');
    return Math.min(present, maximum);
  };

  function quotas(openExecutions: number) {
    [now, present, counts] = [0, 0, 0];
    const store = {
      stateMachines: { count },
      activities: { count },
      executions: { countOpen: count },
    } as unknown as Store;
    return createAccountQuotas(store, () => now, { stateMachines: 1, activities: 1, openExecutions });
  }

  it('is not done for each call, and own starts count at once', async () => {
    const { admitExecution } = quotas(100);
    for (let started = 0; started < 100; started++) await admitExecution(PLACE);
    await expect(admitExecution(PLACE)).rejects.toMatchObject({ name: 'ExecutionLimitExceeded' });
    expect(counts).toBe(1);
  });

  it('is done again after some seconds, for those at the limit before they are refused', async () => {
    const { admitExecution } = quotas(1);
    await admitExecution(PLACE);
    now = 4_999;
    await expect(admitExecution(PLACE)).rejects.toThrow();
    now = 5_000;
    await admitExecution(PLACE);
    expect(counts).toBe(2);
  });

  it('is done apart for each place', async () => {
    const { admitExecution } = quotas(1);
    await admitExecution(PLACE);
    await admitExecution({ ...PLACE, region: 'eu-west-1' });
    await expect(admitExecution(PLACE)).rejects.toThrow();
  });

  it('that fails stops nobody who is known to be far from the limit', async () => {
    const { admitExecution } = quotas(3);
    await admitExecution(PLACE);
    now = 5_000;
    present = null;
    await admitExecution(PLACE);
    await admitExecution(PLACE);
    await expect(admitExecution(PLACE)).rejects.toThrow('the database is away');
    present = 0;
    await admitExecution(PLACE);
  });
});
