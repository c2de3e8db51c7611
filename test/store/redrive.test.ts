import { beforeAll, describe, expect, test } from 'vitest';
import { encodeEvents } from '../../runtime/execution/codec.ts';
import { redrivenEvent, startedEvent } from '../../runtime/execution/lifecycle.ts';
import type { ExecutionRecord, NewExecution, Redrive } from '../../store/execution.ts';
import type { Store } from '../../store/store.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, NOON, SUCCEEDED, startBody, stopWith, useStore } from './fixture.ts';

const fixture = useStore();
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** For which it is a minute past noon: executions of the fixture start at noon. */
let store: Store;
beforeAll(async () => {
  store = await at(NOON + MINUTE);
});

function at(now: number): Promise<Store> {
  return fixture().another({ now });
}

function redriveWith(clientToken?: string): Redrive {
  return {
    clientToken,
    body: (event) => encodeEvents([redrivenEvent({ ...event, timeoutSeconds: undefined })]),
  };
}

interface Stopped {
  readonly executionId: string;
  readonly machineId: string;
  readonly machineName: string;
  record(using?: Store): Promise<ExecutionRecord>;
}

/** An execution that was stopped a minute after its start. */
async function stopped(overrides: Partial<NewExecution> = {}): Promise<Stopped> {
  const { id: machineId, revisionRowId, name: machineName } = await fixture().machine();
  const execution = await fixture().newExecution({ stateMachineId: machineId, revisionRowId, ...overrides });
  const outcome = await store.executions.start(execution);
  if (outcome.kind !== 'started') throw new Error(outcome.kind);
  const { executionId } = outcome;
  await store.executions.stop(executionId, stopWith('Stopped'));
  return {
    executionId,
    machineId,
    machineName,
    async record(using = store) {
      const found = await using.executions.find(PLACE, machineName, execution.name);
      if (found === undefined) throw new Error('not found');
      return found;
    },
  };
}

test('sets a closed execution going again, with a job', async () => {
  const { executionId, record } = await stopped();
  await fixture().deleteJobs();
  const before = await fixture().row(executionId);
  const later = await at(NOON + 2 * MINUTE);
  expect(await later.executions.redrive(executionId, redriveWith())).toEqual({
    kind: 'redriven',
    redrivenAt: NOON + 2 * MINUTE,
  });
  expect(await fixture().jobs()).toEqual([executionId]);
  expect(await fixture().row(executionId)).toMatchObject({
    status: 'RUNNING',
    stopped_at: null,
    error: null,
    owner: null,
    owner_epoch: (before.owner_epoch as number) + 1,
    head_seq: 3,
    next_event_id: 4,
    started_at: new Date(NOON),
    wake_at: new Date(NOON + 2 * MINUTE + 5 * SECOND),
  });
  expect(await record()).toMatchObject({
    redriveCount: 1,
    redrivenAt: NOON + 2 * MINUTE,
    redriveRefusal: 'RUNNING',
  });
  const claim = await fixture().claim(executionId, await fixture().worker());
  expect(claim.journal.map(({ seq, firstEventId }) => [seq, firstEventId])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(claim.journal[2]?.body).toContain('"ExecutionRedriven"');
});

test('its time is never before that of the last event', async () => {
  const { executionId, workerId } = await fixture().owned();
  await fixture().store.leases.park({
    executionId,
    epoch: 1,
    signals: 0,
    wakeAt: null,
    snapshot: undefined,
  });
  const claim = await fixture().claim(executionId, workerId);
  const ahead = NOON + 10 * MINUTE;
  const body = JSON.stringify([{ type: 'ExecutionFailed', time: ahead }]);
  const end = {
    status: 'FAILED',
    stoppedAt: ahead,
    output: undefined,
    error: undefined,
    cause: undefined,
  } as const;
  await fixture().store.leases.append(appendTo(claim, { body, end }));
  expect(await store.executions.redrive(executionId, redriveWith())).toEqual({
    kind: 'redriven',
    redrivenAt: ahead,
  });
});

test('of two redrives at the same moment one wins', async () => {
  const { executionId, record } = await stopped();
  const stores = [store, store, await at(NOON + MINUTE), await at(NOON + MINUTE)];
  const outcomes = await Promise.all(
    stores.map((each) => each.executions.redrive(executionId, redriveWith())),
  );
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['redriven', 'refused', 'refused', 'refused']);
  expect(outcomes).toContainEqual({ kind: 'refused', refusal: 'RUNNING' });
  expect(await record()).toMatchObject({ redriveCount: 1 });
});

test('whoever held the lease before has lost it', async () => {
  const { executionId, claim } = await fixture().owned();
  await store.executions.stop(executionId, stopWith());
  await store.executions.redrive(executionId, redriveWith());
  expect(await fixture().store.leases.append(appendTo(claim, { seq: 4 }))).toBe('lost');
});

test('tokens from before stay closed', async () => {
  const { executionId } = await fixture().parkedOnToken('from before');
  await store.executions.stop(executionId, stopWith());
  await store.executions.redrive(executionId, redriveWith());
  const signal = { token: 'from before', place: PLACE, kind: 'CallbackSucceeded', body: '1' } as const;
  expect(await fixture().store.leases.signal(signal)).toBe('unknown');
});

test('a start with its name is answered as that of any running execution', async () => {
  const machine = await fixture().machine();
  const execution = await fixture().newExecution({
    stateMachineId: machine.id,
    revisionRowId: machine.revisionRowId,
  });
  const outcome = await store.executions.start(execution);
  if (outcome.kind !== 'started') throw new Error(outcome.kind);
  await store.executions.stop(outcome.executionId, stopWith());
  await store.executions.redrive(outcome.executionId, redriveWith());
  expect(await store.executions.start(execution)).toEqual({
    kind: 'exists',
    status: 'RUNNING',
    startedAt: NOON,
    sameInput: true,
  });
});

describe('is refused', () => {
  async function expectRefused(
    { executionId, record }: Stopped,
    refusal: string,
    using: Store = store,
  ): Promise<void> {
    expect((await record(using)).redriveRefusal).toBe(refusal);
    const before = await fixture().row(executionId);
    expect(await using.executions.redrive(executionId, redriveWith())).toEqual({ kind: 'refused', refusal });
    expect(await fixture().row(executionId)).toEqual(before);
  }

  async function expectAllowed({ executionId, record }: Stopped, using: Store = store): Promise<void> {
    expect((await record(using)).redriveRefusal).toBeUndefined();
    expect(await using.executions.redrive(executionId, redriveWith())).toMatchObject({ kind: 'redriven' });
  }

  test('while the execution runs', async () => {
    const execution = await stopped();
    await expectAllowed(execution);
    await expectRefused(execution, 'RUNNING');
  });

  test('after a success', async () => {
    const execution = await stopped();
    await expectAllowed(execution);
    const claim = await fixture().claim(execution.executionId, await fixture().worker());
    await store.leases.append(appendTo(claim, { end: SUCCEEDED }));
    await expectRefused(execution, 'SUCCEEDED');
  });

  test('while the state machine is being deleted, and when it is gone', async () => {
    const execution = await stopped();
    const { machineId: stateMachineId, machineName } = execution;
    const [row] = await fixture().query<{ revision_id: string }>(
      'select revision_id from statehouse.executions where id = $1',
      [execution.executionId],
    );
    const other = await fixture().started({ stateMachineId, revisionRowId: row?.revision_id ?? '' });
    await store.stateMachines.delete(PLACE, machineName);
    await expectRefused(execution, 'DELETING');
    await store.executions.stop(other, stopWith());
    await expectRefused(execution, 'DELETING');
  });

  test('if the deletion at the same moment came first', async () => {
    const { executionId, machineId } = await stopped();
    const session = await fixture().session();
    await session.query('begin');
    await session.query(`update statehouse.state_machines set status = 'DELETING' where id = $1`, [
      machineId,
    ]);
    const outcome = store.executions.redrive(executionId, redriveWith());
    await fixture().untilBlockedBy(session);
    await session.query('commit');
    session.release();
    expect(await outcome).toEqual({ kind: 'refused', refusal: 'DELETING' });
  });

  test.each([
    [undefined, 24_999],
    [{ maxHistoryEvents: 100, maxPayloadBytes: 1000 }, 99],
  ])('when the history is full, by the limits of its start: %j', async (limits, events) => {
    const body = limits === undefined ? startBody('{}', NOON) : limitedStart(limits);
    const execution = await stopped({ body });
    const fill = 'update statehouse.executions set next_event_id = $1 where id = $2';
    await fixture().query(fill, [events + 1, execution.executionId]);
    await expectRefused(execution, 'HISTORY_FULL');
    await fixture().query(fill, [events, execution.executionId]);
    await expectAllowed(execution);
  });

  test('more than 14 days after the end', async () => {
    const execution = await stopped();
    await expectRefused(execution, 'CLOSED_TOO_LONG', await at(NOON + MINUTE + 14 * DAY + 1));
    await expectAllowed(execution, await at(NOON + MINUTE + 14 * DAY));
  });

  test('after a year of being open, all runs together', async () => {
    const execution = await stopped();
    const { executionId } = execution;
    // Open for a minute, closed for a day, open for 200 days, closed, and open for the rest of a year.
    await expectAllowed(execution, await at(NOON + MINUTE + DAY));
    const second = await at(NOON + MINUTE + 201 * DAY);
    await second.executions.stop(executionId, stopWith());
    await expectAllowed(execution, second);
    const third = await at(NOON + MINUTE + 366 * DAY - MINUTE - 1);
    await third.executions.stop(executionId, stopWith());
    await expectAllowed(execution, third);
    const fourth = await at(NOON + MINUTE + 366 * DAY - MINUTE);
    await fourth.executions.stop(executionId, stopWith());
    await expectRefused(execution, 'OPEN_TOO_LONG', fourth);
  });

  function limitedStart(limits: { maxHistoryEvents: number; maxPayloadBytes: number }): string {
    const identity = {
      executionArn: 'arn',
      executionName: 'execution',
      stateMachineArn: 'arn',
      stateMachineName: 'machine',
      region: 'us-east-1',
      secret: 'secret',
    };
    const start = { identity, roleArn: 'role', input: '{}', time: NOON, startAt: 'A' };
    return encodeEvents([startedEvent({ ...start, timeoutSeconds: undefined, limits })]);
  }
});

describe('a call that is repeated with its token', () => {
  test('is answered as it was, whatever has become of the execution', async () => {
    const { executionId, record } = await stopped();
    const first = await store.executions.redrive(executionId, redriveWith('a'));
    const later = await at(NOON + 5 * MINUTE);
    expect(await later.executions.redrive(executionId, redriveWith('a'))).toEqual(first);
    await later.executions.stop(executionId, stopWith());
    expect(await later.executions.redrive(executionId, redriveWith('a'))).toEqual(first);
    expect(await record(later)).toMatchObject({ status: 'ABORTED', redriveCount: 1 });
    const second = await later.executions.redrive(executionId, redriveWith('b'));
    expect(second).toEqual({ kind: 'redriven', redrivenAt: NOON + 5 * MINUTE });
    expect(await later.executions.redrive(executionId, redriveWith('a'))).toEqual(first);
    const claim = await fixture().claim(executionId, await fixture().worker());
    await store.leases.append(appendTo(claim, { end: SUCCEEDED }));
    expect(await later.executions.redrive(executionId, redriveWith('b'))).toEqual(second);
  });

  test('a refused call does not use its token up', async () => {
    const { executionId } = await stopped();
    await store.executions.redrive(executionId, redriveWith('a'));
    expect(await store.executions.redrive(executionId, redriveWith('b'))).toMatchObject({ kind: 'refused' });
    const later = await at(NOON + 2 * MINUTE);
    await later.executions.stop(executionId, stopWith());
    expect(await later.executions.redrive(executionId, redriveWith('b'))).toEqual({
      kind: 'redriven',
      redrivenAt: NOON + 2 * MINUTE,
    });
  });

  test('is a new call after 15 minutes', async () => {
    const { executionId } = await stopped();
    const first = await store.executions.redrive(executionId, redriveWith('a'));
    const before = await at(NOON + 16 * MINUTE - 1);
    await before.executions.stop(executionId, stopWith());
    expect(await before.executions.redrive(executionId, redriveWith('a'))).toEqual(first);
    const after = await at(NOON + 16 * MINUTE);
    expect(await after.executions.redrive(executionId, redriveWith('a'))).toEqual({
      kind: 'redriven',
      redrivenAt: NOON + 16 * MINUTE,
    });
  });

  test('is a new call after ten others', async () => {
    const { executionId } = await stopped();
    for (let n = 0; n < 11; n++) {
      const then = await at(NOON + MINUTE + n * SECOND);
      await then.executions.redrive(executionId, redriveWith(`token ${n}`));
      await then.executions.stop(executionId, stopWith());
    }
    const now = await at(NOON + 2 * MINUTE);
    expect(await now.executions.redrive(executionId, redriveWith('token 1'))).toEqual({
      kind: 'redriven',
      redrivenAt: NOON + MINUTE + SECOND,
    });
    expect(await now.executions.redrive(executionId, redriveWith('token 0'))).toEqual({
      kind: 'redriven',
      redrivenAt: NOON + 2 * MINUTE,
    });
    const rows = await fixture().query('select 1 from statehouse.redrive_tokens where execution_id = $1', [
      executionId,
    ]);
    expect(rows).toHaveLength(10);
  });

  test('means nothing for another execution', async () => {
    const [one, other] = [await stopped(), await stopped()];
    await store.executions.redrive(one.executionId, redriveWith('shared'));
    await store.executions.redrive(other.executionId, redriveWith('shared'));
    expect(await other.record()).toMatchObject({ status: 'RUNNING', redriveCount: 1 });
  });
});

test('ListExecutions tells of redrives', async () => {
  const { executionId, machineId } = await stopped();
  const query = { stateMachineId: machineId, status: undefined, limit: 10, after: undefined };
  expect(await store.executions.list(query)).toMatchObject([{ redriveCount: 0, redrivenAt: undefined }]);
  await store.executions.redrive(executionId, redriveWith());
  expect(await store.executions.list(query)).toMatchObject([
    { status: 'RUNNING', redriveCount: 1, redrivenAt: NOON + MINUTE },
  ]);
});
