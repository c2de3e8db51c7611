/** What starts read of their state machine: once a second where it is EXPRESS, and never what this process has changed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApi } from '../../api/api.ts';
import type { OperationName, Output } from '../../api/model/shapes.ts';
import { StartRecords } from '../../api/start-records.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import type { StartRecord } from '../../store/state-machine.ts';
import { DatabaseTime } from '../../telemetry/database-time.ts';
import { createLogger } from '../../telemetry/log.ts';
import { PLACE } from '../support/place.ts';
import { ManualClock } from '../worker/manual-clock.ts';
import { post, ROLE_ARN, startTestApi, type TestApi } from './test-api.ts';

const resultOf = (result: string) =>
  JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Result: result, End: true } } });

/** Another API process on the same database, and so with a cache of its own. */
type OtherCall = <Name extends OperationName>(operation: Name, input: object) => Promise<Output<Name>>;

let test: TestApi;
let other: OtherCall;
const clock = new ManualClock();
beforeAll(async () => {
  test = await startTestApi({ clock });
  const { store } = test;
  const api = createApi({ store, place: PLACE, ceilings: PORTABLE_LIMITS, logger: createLogger('silent') });
  other = async (operation, input) => {
    const answer = await post(api, operation, JSON.stringify(input));
    expect(answer.statusCode, answer.payload).toBe(200);
    return answer.json();
  };
});
afterAll(() => test.close());

let machines = 0;
let stateMachineArn: string;
const create = async (type: string) => {
  const definition = resultOf('old');
  const name = `machine-${++machines}`;
  return (await test.call('CreateStateMachine', { name, type, roleArn: ROLE_ARN, definition }))
    .stateMachineArn;
};
beforeEach(async () => {
  stateMachineArn = await create('EXPRESS');
});

const run = async (arn = stateMachineArn) =>
  JSON.parse((await test.call('StartSyncExecution', { stateMachineArn: arn })).output ?? 'null') as unknown;

describe('an EXPRESS state machine', () => {
  it('that another process updates is seen as it is after a second', async () => {
    expect(await run()).toBe('old');
    await other('UpdateStateMachine', { stateMachineArn, definition: resultOf('new') });
    clock.advance(999);
    expect(await run()).toBe('old');
    clock.advance(1);
    expect(await run()).toBe('new');
  });

  it('that is updated here is seen as it is at once', async () => {
    expect(await run()).toBe('old');
    await test.call('UpdateStateMachine', { stateMachineArn, definition: resultOf('new') });
    expect(await run()).toBe('new');
  });

  it('that is deleted here is gone at once', async () => {
    await run();
    await test.call('DeleteStateMachine', { stateMachineArn });
    expect(await test.fail('StartSyncExecution', { stateMachineArn })).toMatchObject({
      type: 'StateMachineDoesNotExist',
    });
  });

  it('that another process deletes takes no asynchronous start from that moment on', async () => {
    await test.call('StartExecution', { stateMachineArn });
    await other('DeleteStateMachine', { stateMachineArn });
    expect(await test.fail('StartExecution', { stateMachineArn })).toMatchObject({
      type: 'StateMachineDoesNotExist',
    });
  });

  it('that was not there is found as soon as it is', async () => {
    const name = 'late';
    const arn = stateMachineArn.replace(/[^:]+$/, name);
    await test.fail('StartSyncExecution', { stateMachineArn: arn });
    await other('CreateStateMachine', {
      name,
      type: 'EXPRESS',
      roleArn: ROLE_ARN,
      definition: resultOf('new'),
    });
    expect(await run(arn)).toBe('new');
  });

  it('has each of its versions and aliases for itself', async () => {
    const { stateMachineVersionArn } = await test.call('PublishStateMachineVersion', { stateMachineArn });
    const { stateMachineAliasArn } = await test.call('CreateStateMachineAlias', {
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn, weight: 100 }],
    });
    await test.call('UpdateStateMachine', { stateMachineArn, definition: resultOf('new') });
    const all = [stateMachineArn, stateMachineVersionArn, stateMachineAliasArn];
    for (const _twice of [1, 2]) expect(await Promise.all(all.map(run))).toEqual(['new', 'old', 'old']);
  });

  it('whose alias moves here is started through it at once', async () => {
    const { stateMachineVersionArn: first } = await test.call('PublishStateMachineVersion', {
      stateMachineArn,
    });
    const { stateMachineAliasArn } = await test.call('CreateStateMachineAlias', {
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: first, weight: 100 }],
    });
    expect(await run(stateMachineAliasArn)).toBe('old');
    await test.call('UpdateStateMachine', { stateMachineArn, definition: resultOf('new') });
    const { stateMachineVersionArn } = await test.call('PublishStateMachineVersion', { stateMachineArn });
    const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
    await test.call('UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration });
    expect(await run(stateMachineAliasArn)).toBe('new');
  });
});

describe('a STANDARD state machine', () => {
  const definitionOf = async (arn: string) => {
    const { executionArn } = await test.call('StartExecution', { stateMachineArn: arn });
    return (await test.call('DescribeStateMachineForExecution', { executionArn })).definition;
  };
  beforeEach(async () => {
    stateMachineArn = await create('STANDARD');
    expect(await definitionOf(stateMachineArn)).toBe(resultOf('old'));
  });

  it('that another process updates is seen as it is at once', async () => {
    await other('UpdateStateMachine', { stateMachineArn, definition: resultOf('new') });
    expect(await definitionOf(stateMachineArn)).toBe(resultOf('new'));
  });

  it('that another process deletes is gone at once', async () => {
    await other('DeleteStateMachine', { stateMachineArn }); // at its next transition: an execution is open
    expect(await test.fail('StartExecution', { stateMachineArn })).toMatchObject({
      type: 'StateMachineDeleting',
    });
  });

  it('whose alias another process moves is started through it at once', async () => {
    const { stateMachineVersionArn: first } = await test.call('PublishStateMachineVersion', {
      stateMachineArn,
    });
    const { stateMachineAliasArn } = await test.call('CreateStateMachineAlias', {
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: first, weight: 100 }],
    });
    expect(await definitionOf(stateMachineAliasArn)).toBe(resultOf('old'));
    await other('UpdateStateMachine', { stateMachineArn, definition: resultOf('new') });
    const { stateMachineVersionArn } = await other('PublishStateMachineVersion', { stateMachineArn });
    const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
    await other('UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration });
    expect(await definitionOf(stateMachineAliasArn)).toBe(resultOf('new'));
  });

  it('is read once for many starts', async () => {
    const read = vi.spyOn(test.store.stateMachines, 'startRecord');
    for (const _thrice of [1, 2, 3]) await test.call('StartExecution', { stateMachineArn });
    expect(read).not.toHaveBeenCalled();
  });
});

it('tells the time: executions begin by the clock of the database, not by that of the API', async () => {
  const api = await startTestApi({ clock: new ManualClock() });
  try {
    // Before the API connects: it holds for connections that are made afterwards.
    await api.query(
      `do $$ begin
        execute format('alter database %I set statehouse.now = %L', current_database(), '2031-02-03T04:05:06Z');
      end $$`,
      [],
    );
    const startDate = Date.UTC(2031, 1, 3, 4, 5, 6) / 1000;
    for (const [type, operation] of [
      ['STANDARD', 'StartExecution'],
      ['EXPRESS', 'StartSyncExecution'],
    ] as const) {
      const machine = { name: type, type, roleArn: ROLE_ARN, definition: resultOf('done') };
      const { stateMachineArn } = await api.call('CreateStateMachine', machine);
      expect(await api.call(operation, { stateMachineArn })).toMatchObject({ startDate });
    }
  } finally {
    await api.close();
  }
});

describe('reading', () => {
  const record = (type: 'EXPRESS' | 'STANDARD'): StartRecord => ({
    time: 0,
    stateMachineId: '1',
    type,
    status: 'ACTIVE',
    tags: [],
    routes: [],
  });

  function reads() {
    const pending: PromiseWithResolvers<StartRecord | undefined>[] = [];
    const startRecord = () => {
      const read = Promise.withResolvers<StartRecord | undefined>();
      pending.push(read);
      return read.promise;
    };
    const time = new ManualClock();
    const records = new StartRecords({ startRecord }, time, new DatabaseTime(time));
    return { pending, time, ask: () => records.startRecord(PLACE, 'm', {}), forget: () => records.forget() };
  }

  it('again is done once for all who ask meanwhile', async () => {
    const { pending, time, ask } = reads();
    const first = ask();
    pending[0]?.resolve(record('EXPRESS'));
    await first;
    time.advance(1000);
    const asked = [ask(), ask(), ask()];
    pending[1]?.resolve(record('EXPRESS'));
    await Promise.all([...asked, ask()]);
    expect(pending).toHaveLength(2);
  });

  it('that began before a change here is not kept', async () => {
    const { pending, ask, forget } = reads();
    const before = ask();
    forget();
    pending[0]?.resolve(record('EXPRESS'));
    await before;
    void ask();
    expect(pending).toHaveLength(2);
  });

  it('that fails is done again by the next who asks', async () => {
    const { pending, time, ask } = reads();
    const first = ask();
    pending[0]?.resolve(record('EXPRESS'));
    await first;
    time.advance(1000);
    const failing = ask();
    pending[1]?.reject(new Error('gone'));
    await expect(failing).rejects.toThrow('gone');
    void ask();
    expect(pending).toHaveLength(3);
  });
});
