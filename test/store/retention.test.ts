import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeEvents } from '../../runtime/execution/codec.ts';
import { redrivenEvent } from '../../runtime/execution/lifecycle.ts';
import type { NewExecution } from '../../store/execution.ts';
import type { Removal, RemovalBatch } from '../../store/retention.ts';
import type { StateMachineRecord } from '../../store/state-machine.ts';
import type { Store } from '../../store/store.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, NOON, SUCCEEDED, startBody, stopWith, useStore } from './fixture.ts';

const fixture = useStore();
const DAY = 24 * 60 * 60 * 1000;
const LIMITS = { executions: 100, journalRows: 1000, journalBytes: 1024 * 1024 };
/** Executions of the fixture end a second after noon. */
const ENDED = SUCCEEDED.stoppedAt;

/** For which 90 days have passed since. */
let store: Store;
beforeAll(async () => {
  store = await fixture().another({ now: ENDED + 90 * DAY });
});

function remove(batch: Partial<RemovalBatch> = {}, using = store): Promise<Removal> {
  return using.retention.removeExecutions({
    retentionMs: 90 * DAY,
    after: undefined,
    limits: LIMITS,
    ...batch,
  });
}

interface Closed {
  readonly id: string;
  readonly machine: StateMachineRecord;
  readonly execution: NewExecution;
}

async function newExecution(machine: StateMachineRecord, overrides: Partial<NewExecution> = {}) {
  const { id: stateMachineId, revisionRowId } = machine;
  return fixture().newExecution({ stateMachineId, revisionRowId, ...overrides });
}

/** An execution that has ended, with as many journal rows. */
async function closed({ machine: given, rows = 2, body = '[]', stoppedAt = ENDED } = {} as ClosedOptions) {
  const machine = given ?? (await fixture().machine());
  const execution = await newExecution(machine);
  const outcome = await fixture().store.executions.start(execution);
  if (outcome.kind !== 'started') throw new Error(outcome.kind);
  const { executionId: id } = outcome;
  let claim = await fixture().claim(id, await fixture().worker());
  for (let seq = 2; seq < rows; seq++) {
    await fixture().store.leases.append(appendTo(claim, { body }));
    claim = { ...claim, headSeq: seq, nextEventId: claim.nextEventId + 1 };
  }
  await fixture().store.leases.append(appendTo(claim, { end: { ...SUCCEEDED, stoppedAt } }));
  return { id, machine, execution } satisfies Closed;
}
interface ClosedOptions {
  machine?: StateMachineRecord;
  rows?: number;
  body?: string;
  stoppedAt?: number;
}

async function isThere(id: string): Promise<boolean> {
  return (await fixture().query('select from statehouse.executions where id = $1', [id])).length > 0;
}

/** Rows of a table that belong to an execution. */
function rowsOf(table: string, id: string): Promise<pg.QueryResultRow[]> {
  return fixture().query(`select * from statehouse.${table} where execution_id = $1`, [id]);
}

describe('executions', () => {
  test('go when they have been closed for so long, not a moment before', async () => {
    const { id } = await closed();
    await remove({}, await fixture().another({ now: ENDED + 90 * DAY - 1 }));
    expect(await isThere(id)).toBe(true);
    await remove();
    expect(await isThere(id)).toBe(false);
  });

  test('all that hangs on them goes too, and nothing of others', async () => {
    const machine = await fixture().machine();
    const [gone, kept] = [await closed({ machine, rows: 5 }), await fixture().started(machineOf(machine))];
    for (const id of [gone.id, kept]) {
      await fixture().query(
        `insert into statehouse.map_runs (execution_id, label, uuid, item_counts, execution_counts)
         values ($1, 'Map', gen_random_uuid(), '{}', '{}')`,
        [id],
      );
      await fixture().query(
        'insert into statehouse.redrive_tokens (execution_id, token, redriven_at) values ($1, $2, now())',
        [id, 'token'],
      );
    }
    await remove();
    for (const table of ['journal', 'execution_names', 'map_runs', 'redrive_tokens']) {
      expect(await rowsOf(table, gone.id), table).toEqual([]);
      expect(await rowsOf(table, kept), table).toHaveLength(1);
    }
    expect(await store.executions.find(PLACE, machine.name, gone.execution.name)).toBeUndefined();
    expect(await isThere(kept)).toBe(true);
  });

  test('their names are free again', async () => {
    const { id, execution } = await closed();
    expect(await store.executions.start(execution)).toMatchObject({ kind: 'exists', status: 'SUCCEEDED' });
    await remove();
    const again = await store.executions.start(execution);
    expect(again).toMatchObject({ kind: 'started' });
    expect(again).not.toMatchObject({ executionId: id });
  });

  test('a start that finds its name taken, and free a moment later, takes it', async () => {
    const { execution } = await closed();
    // The removal comes after the start has looked, and before it asks who has the name.
    await fixture().query(`
      alter function statehouse.start_standard rename to start_then_remove;
      create function statehouse.start_standard(
        a bigint[], b bigint[], c int[], d double precision[], e bigint[], f text, g text, h text, i text,
        out started_ids bigint[], out active_ids bigint[], out current_revision_ids bigint[])
      language plpgsql as $$ begin
        select s.started_ids, s.active_ids, s.current_revision_ids
        into started_ids, active_ids, current_revision_ids
        from statehouse.start_then_remove(a, b, c, d, e, f, g, h, i) s;
        perform statehouse.remove_executions(0, null, 100, 1000, 1000000);
      end $$`);
    try {
      expect(await store.executions.start(execution)).toMatchObject({ kind: 'started' });
    } finally {
      await fixture().query(`
        drop function statehouse.start_standard;
        alter function statehouse.start_then_remove rename to start_standard`);
    }
  });

  test('a start waits for the removal of who has its name', async () => {
    const { execution } = await closed();
    const session = await fixture().session();
    await session.query('begin');
    await session.query('select statehouse.remove_executions(0, null, 100, 1000, 1000000)');
    const start = store.executions.start(execution);
    await fixture().untilBlockedBy(session);
    await session.query('commit');
    session.release();
    expect(await start).toMatchObject({ kind: 'started' });
  });

  test('open ones stay, however old, and so do those that were redriven', async () => {
    const machine = await fixture().machine();
    const open = await fixture().started(machineOf(machine));
    const redriven = await fixture().started(machineOf(machine));
    const earlier = await fixture().another({ now: ENDED });
    await earlier.executions.stop(redriven, stopWith());
    await earlier.executions.redrive(redriven, redrive);
    await remove();
    expect([await isThere(open), await isThere(redriven)]).toEqual([true, true]);
    expect(await fixture().journal(redriven)).toEqual([1, 2, 3]);
  });

  test('one that is gone cannot be redriven', async () => {
    const { id } = await closed();
    await remove();
    expect(await store.executions.redrive(id, redrive)).toEqual({ kind: 'gone' });
  });

  test('one that is being redriven is left alone, though its time is over', async () => {
    const { id } = await closed();
    const session = await fixture().session();
    await session.query('begin');
    await session.query(`select * from statehouse.lock_for_redrive($1, '')`, [id]);
    await remove();
    await session.query('select statehouse.redrive($1, 7, $2, $3, 0)', [id, '[]', 'token']);
    await session.query('commit');
    session.release();
    await remove();
    expect(await fixture().journal(id)).toEqual([1, 2, 3]);
  });
});

const redrive = {
  clientToken: undefined,
  body: (event: { id: number; time: number; redriveCount: number }) =>
    encodeEvents([redrivenEvent({ ...event, timeoutSeconds: undefined })]),
};

function machineOf({ id: stateMachineId, revisionRowId }: StateMachineRecord) {
  return { stateMachineId, revisionRowId };
}

describe('batches', () => {
  test('the oldest first, and each goes on where the one before ended', async () => {
    await remove();
    const executions: Closed[] = [];
    for (let n = 0; n < 5; n++) executions.push(await closed({ stoppedAt: ENDED - 5000 + n * 1000 }));
    const limits = { ...LIMITS, executions: 2 };
    const first = await remove({ limits });
    expect(first).toMatchObject({ executions: 2, next: ENDED - 4000 });
    expect(await Promise.all(executions.map(({ id }) => isThere(id)))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    const second = await remove({ limits, after: first.next });
    expect(second).toMatchObject({ executions: 2, next: ENDED - 2000 });
    expect(await remove({ limits, after: second.next })).toMatchObject({ executions: 1, next: undefined });
  });

  test('several at a time share the work, and none waits for another', async () => {
    await remove();
    const executions = await Promise.all(Array.from({ length: 20 }, () => closed()));
    const session = await fixture().session();
    await session.query('begin');
    await session.query('select from statehouse.executions where id = $1 for no key update', [
      executions[0]?.id,
    ]);
    const limits = { ...LIMITS, executions: 5 };
    const removals = await Promise.all(Array.from({ length: 4 }, () => remove({ limits })));
    const rest = await remove();
    expect([...removals, rest].reduce((sum, removal) => sum + removal.executions, 0)).toBe(19);
    await session.query('rollback');
    session.release();
    expect(await remove()).toMatchObject({ executions: 1 });
  });

  test('bounded by the rows of the journals', async () => {
    await remove();
    for (let n = 0; n < 3; n++) await closed({ rows: 4, stoppedAt: ENDED - 3000 + n });
    const limits = { ...LIMITS, journalRows: 8 };
    const first = await remove({ limits });
    expect(first).toMatchObject({ executions: 2, journalRows: 8 });
    expect(await remove({ limits, after: first.next })).toEqual({
      executions: 1,
      journalRows: 4,
      next: undefined,
    });
  });

  test.each([
    ['rows', { journalRows: 10 }, 'short', [10, 10, 5, 0]],
    ['bytes', { journalBytes: 6000 }, JSON.stringify('0123456789'.repeat(100)), [7, 6, 6, 6]],
  ])(
    'a journal of too many %s for one batch goes in several, its execution at once',
    async (_what, limit, body, expected) => {
      await remove();
      const { id, execution } = await closed({ rows: 25, body });
      const removals: Removal[] = [];
      for (const _ of expected) {
        removals.push(await remove({ limits: { ...LIMITS, ...limit }, after: removals.at(-1)?.next }));
        expect(await isThere(id)).toBe(false);
      }
      expect(await store.executions.start(execution)).toMatchObject({ kind: 'started' });
      expect(removals.map(({ journalRows }) => journalRows)).toEqual(expected);
      expect(await rowsOf('journal', id)).toEqual([]);
      expect(await rowsOf('removed_executions', id)).toEqual([]);
    },
  );

  test('a list that is read page by page meanwhile leaves nothing out that is still there', async () => {
    const machine = await fixture().machine();
    const kept: string[] = [];
    for (let n = 0; n < 6; n++) {
      const stoppedAt = n % 2 === 0 ? ENDED : ENDED + DAY;
      const { id } = await closed({ machine, stoppedAt });
      if (n % 2 === 1) kept.unshift(id);
    }
    const query = { stateMachineId: machine.id, status: undefined, limit: 2 };
    const first = await store.executions.list({ ...query, after: undefined });
    const last = first.at(-1);
    await remove();
    const rest = await store.executions.list({
      ...query,
      limit: 10,
      after: last && { startedAt: last.startedAt, id: last.id },
    });
    expect([...first, ...rest].map(({ id }) => id).filter((id) => kept.includes(id))).toEqual(kept);
  });
});

describe('children', () => {
  const EVENT = 5;

  /** A parent in a worker's hands and the child that one of its tasks has started. */
  async function parentAndChild(isAwaited = false) {
    const machine = await fixture().machine();
    const parent = await fixture().owned();
    const execution = await newExecution(machine, { name: 'the "child"' });
    const child = { scheduledEventId: EVENT, isAwaited, execution };
    await fixture().store.leases.append(appendTo(parent.claim, { children: [child] }));
    const [found] = await fixture().store.executions.children(parent.executionId, [EVENT]);
    if (found === undefined) throw new Error('the child was not started');
    const claim = { ...parent.claim, headSeq: 2, nextEventId: parent.claim.nextEventId + 1 };
    return { parentId: parent.executionId, claim, childId: found.id, machine, child, found };
  }

  async function end(id: string): Promise<void> {
    const claim = await fixture().claim(id, await fixture().worker());
    await fixture().store.leases.append(appendTo(claim, { end: SUCCEEDED }));
  }

  test('of an open parent go when their time is over, and it can still ask for them', async () => {
    const { parentId, claim, childId, child, found } = await parentAndChild();
    await end(childId);
    await remove();
    expect(await isThere(childId)).toBe(false);
    expect(await store.executions.children(parentId, [EVENT])).toEqual([found]);
    const again = appendTo(claim, { children: [child] });
    expect(await fixture().store.leases.append(again)).toBe('won');
    const taken = 'select from statehouse.execution_names where state_machine_id = $1';
    expect(await fixture().query(taken, [child.execution.stateMachineId])).toEqual([]);
  });

  test('the link to a child that is gone goes with the end of its parent', async () => {
    const { claim, parentId, childId } = await parentAndChild();
    await end(childId);
    await remove();
    await fixture().store.leases.append(appendTo(claim, { end: SUCCEEDED }));
    expect(await rowsOf('child_executions', childId)).toEqual([]);
    await remove();
    expect(await isThere(parentId)).toBe(false);
  });

  test('what an awaited child has told its parent outlives it', async () => {
    const { claim, childId } = await parentAndChild(true);
    await end(childId);
    await remove();
    expect(await isThere(childId)).toBe(false);
    const [worker] = await fixture().query<{ owner: string }>(
      'select owner from statehouse.executions where id = $1',
      [claim.executionId],
    );
    expect((await fixture().store.leases.mail(worker?.owner ?? '', { limit: 100 })).mail).toMatchObject([
      { kind: 'ExecutionEnded', body: expect.stringContaining('the \\"child\\"') },
    ]);
  });

  test('a parent stays until its orphans are stopped', async () => {
    const { claim, parentId, childId } = await parentAndChild(true);
    await fixture().store.leases.append(appendTo(claim, { end: SUCCEEDED }));
    await remove();
    expect(await isThere(parentId)).toBe(true);
    expect(await store.executions.orphans(100)).toMatchObject([{ executionId: childId }]);
    await store.executions.stop(childId, stopWith());
    await remove();
    expect([await isThere(parentId), await isThere(childId)]).toEqual([false, true]);
  });

  test('one whose link is taken away at the moment comes later, and nobody waits', async () => {
    const { parentId, childId } = await parentAndChild();
    await end(childId);
    const session = await fixture().session();
    await session.query('begin');
    await session.query('delete from statehouse.child_executions where parent_execution_id = $1', [parentId]);
    await remove();
    expect(await isThere(childId)).toBe(true);
    await session.query('commit');
    session.release();
    await remove();
    expect(await isThere(childId)).toBe(false);
  });
});

describe('state machines', () => {
  const RETENTION = 90 * DAY;
  let deleted: number;

  /** Deletes a machine now, and answers a store for which its time is over. */
  async function afterDeletion({ name }: StateMachineRecord): Promise<Store> {
    deleted = Date.now() + 1000;
    await fixture().store.stateMachines.delete(PLACE, name);
    return fixture().another({ now: deleted + RETENTION });
  }

  async function machinesLeft({ id }: StateMachineRecord): Promise<[machines: number, revisions: number]> {
    const machines = await fixture().query('select from statehouse.state_machines where id = $1', [id]);
    const revisions = await fixture().query(
      'select from statehouse.state_machine_revisions where state_machine_id = $1',
      [id],
    );
    return [machines.length, revisions.length];
  }

  async function updated(machine: StateMachineRecord, times: number): Promise<void> {
    for (let n = 0; n < times; n++)
      await fixture().store.stateMachines.update(PLACE, machine.name, {
        roleArn: `arn:aws:iam::000000000000:role/${n}`,
      });
  }

  test('that are deleted go with all their revisions, those that live stay', async () => {
    const [gone, live] = [await fixture().machine(), await fixture().machine()];
    await updated(gone, 2);
    await updated(live, 2);
    const later = await afterDeletion(gone);
    expect(await fixture().store.retention.removeMachines(RETENTION, 100)).toBe(0);
    expect(await later.retention.removeMachines(RETENTION, 100)).toBe(4);
    expect(await machinesLeft(gone)).toEqual([0, 0]);
    expect(await machinesLeft(live)).toEqual([1, 3]);
  });

  test('stay as long as there are executions of them', async () => {
    const { machine } = await closed({ stoppedAt: Date.now() });
    const later = await afterDeletion(machine);
    await later.retention.removeMachines(RETENTION, 100);
    expect(await machinesLeft(machine)).toEqual([1, 1]);
    await remove({}, later);
    await later.retention.removeMachines(RETENTION, 100);
    expect(await machinesLeft(machine)).toEqual([0, 0]);
  });

  test('stay while Express executions of them wait', async () => {
    const machine = await fixture().machine();
    await fixture().query(`update statehouse.state_machines set type = 'EXPRESS' where id = $1`, [
      machine.id,
    ]);
    const id = '01890000-0000-7000-8000-000000000000';
    await fixture().store.express.start({ id, ...machineOf(machine), body: startBody('{}', NOON) });
    const later = await afterDeletion(machine);
    await later.retention.removeMachines(RETENTION, 100);
    expect(await machinesLeft(machine)).toEqual([1, 1]);
    await fixture().query('delete from statehouse.express_executions where id = $1', [id]);
    await later.retention.removeMachines(RETENTION, 100);
    expect(await machinesLeft(machine)).toEqual([0, 0]);
  });

  test('go in bounded steps', async () => {
    const machine = await fixture().machine();
    await updated(machine, 5);
    const later = await afterDeletion(machine);
    const steps: number[] = [];
    for (let n = 0; n < 4; n++) steps.push(await later.retention.removeMachines(RETENTION, 2));
    expect(steps).toEqual([2, 2, 3, 0]);
  });
});
