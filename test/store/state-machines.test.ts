import { describe, expect, test } from 'vitest';
import type { NewStateMachine } from '../../store/state-machine.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, SUCCEEDED, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const newMachine = (name: string, overrides: Partial<NewStateMachine> = {}): NewStateMachine => ({
  place: PLACE,
  name,
  type: 'STANDARD',
  definition: ' {"StartAt": "A"}\n',
  roleArn: 'arn:aws:iam::000000000000:role/r\u0000',
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
  encryptionConfiguration: undefined,
  ...overrides,
});

describe('create', () => {
  test('keeps everything as it is given', async () => {
    const machine = newMachine('create', { loggingConfiguration: { odd: ['\u0000', { __proto__x: 1 }] } });
    const created = await fixture().store.stateMachines.create(machine);
    expect(created.created).toBe(true);
    expect(created.machine).toMatchObject(machine);
    expect(created.machine).toMatchObject({ status: 'ACTIVE', revisionId: undefined });
    expect(await fixture().store.stateMachines.find(PLACE, 'create')).toEqual(created.machine);
  });

  test('answers the one that has the name', async () => {
    const first = await fixture().store.stateMachines.create(newMachine('twice'));
    const second = await fixture().store.stateMachines.create(newMachine('twice', { definition: '{}' }));
    expect(second).toEqual({ created: false, machine: first.machine });
  });

  test('of many at the same moment one creates', async () => {
    const stores = [fixture().store, await fixture().another(), await fixture().another()];
    const outcomes = await Promise.all(
      stores.map((store) => store.stateMachines.create(newMachine('at-once'))),
    );
    expect(outcomes.filter((outcome) => outcome.created)).toHaveLength(1);
    expect(new Set(outcomes.map((outcome) => outcome.machine.id)).size).toBe(1);
  });
});

describe('update', () => {
  test('another definition or role makes a revision', async () => {
    const { machine } = await fixture().store.stateMachines.create(newMachine('update'));
    const updated = await fixture().store.stateMachines.update(PLACE, 'update', { definition: '{"new":1}' });
    expect(updated).toMatchObject({ definition: '{"new":1}', roleArn: machine.roleArn });
    expect(updated?.revisionId).toMatch(UUID);
    const again = await fixture().store.stateMachines.update(PLACE, 'update', { roleArn: 'other' });
    expect(again?.revisionId).toMatch(UUID);
    expect(again?.revisionId).not.toBe(updated?.revisionId);
    expect(again).toMatchObject({ definition: '{"new":1}', roleArn: 'other', createdAt: machine.createdAt });
  });

  test('equal values change nothing', async () => {
    const { machine } = await fixture().store.stateMachines.create(newMachine('unchanged'));
    const { definition, loggingConfiguration } = machine;
    const updated = await fixture().store.stateMachines.update(PLACE, 'unchanged', {
      definition,
      loggingConfiguration,
      tracingConfiguration: undefined,
    });
    expect(updated).toEqual(machine);
  });

  test('another configuration alone keeps AWS’s revisionId, and the older row stays as it was', async () => {
    const { machine } = await fixture().store.stateMachines.create(newMachine('configuration'));
    const first = await fixture().store.stateMachines.update(PLACE, 'configuration', { definition: '{}' });
    const second = await fixture().store.stateMachines.update(PLACE, 'configuration', {
      tracingConfiguration: { enabled: true },
    });
    expect(second).toMatchObject({ revisionId: first?.revisionId, tracingConfiguration: { enabled: true } });
    expect(second?.revisionRowId).not.toBe(first?.revisionRowId);
    expect(await fixture().store.stateMachines.revision(machine.revisionRowId)).toMatchObject({
      rowId: machine.revisionRowId,
      stateMachineName: 'configuration',
      definition: machine.definition,
      tracingConfiguration: { enabled: false },
      revisionId: undefined,
    });
  });

  test('of no machine: undefined', async () => {
    expect(await fixture().store.stateMachines.update(PLACE, 'nobody', { roleArn: 'r' })).toBeUndefined();
    expect(await fixture().store.stateMachines.revision('999999')).toBeUndefined();
  });

  test('at the same moment: both changes stand', async () => {
    await fixture().store.stateMachines.create(newMachine('both'));
    const other = await fixture().another();
    await Promise.all([
      fixture().store.stateMachines.update(PLACE, 'both', { definition: '{"both":1}' }),
      other.stateMachines.update(PLACE, 'both', { roleArn: 'both' }),
    ]);
    const both = await fixture().store.stateMachines.find(PLACE, 'both');
    expect(both).toMatchObject({ definition: '{"both":1}', roleArn: 'both' });
  });
});

test('list goes by creation, in pages', async () => {
  const names = ['list-b', 'list-c', 'list-a'];
  for (const name of names) await fixture().store.stateMachines.create(newMachine(name));
  const seen: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await fixture().store.stateMachines.list({ place: PLACE, limit: 2, after });
    seen.push(...page.map((machine) => machine.name));
    if (page.length < 2) break;
    after = page.at(-1)?.id;
  }
  expect(seen.filter((name) => name.startsWith('list-'))).toEqual(names);
});

describe('delete', () => {
  test('a machine without open executions goes at once, and its name is free', async () => {
    const first = await fixture().store.stateMachines.create(newMachine('idle'));
    await fixture().store.stateMachines.delete(PLACE, 'idle');
    expect(await fixture().store.stateMachines.find(PLACE, 'idle')).toBeUndefined();
    const second = await fixture().store.stateMachines.create(newMachine('idle'));
    expect(second.created).toBe(true);
    expect(second.machine.id).not.toBe(first.machine.id);
  });

  test('of no machine does nothing', async () => {
    await fixture().store.stateMachines.delete(PLACE, 'nobody');
  });

  test('otherwise it goes with the end of the last open execution', async () => {
    const machine = await fixture().machine();
    const place = { stateMachineId: machine.id, revisionRowId: machine.revisionRowId };
    const [first, second] = [await fixture().started(place), await fixture().started(place)];
    const claim = await fixture().claim(first, await fixture().worker());
    await fixture().store.stateMachines.delete(PLACE, machine.name);
    expect(await fixture().store.stateMachines.find(PLACE, machine.name)).toMatchObject({
      status: 'DELETING',
    });
    expect((await fixture().store.executions.deleting(10)).sort()).toEqual([first, second].sort());
    await fixture().store.leases.append(appendTo(claim, { end: SUCCEEDED }));
    expect(await fixture().store.stateMachines.find(PLACE, machine.name)).toMatchObject({
      status: 'DELETING',
    });
    await fixture().store.executions.stop(second, stopWith());
    expect(await fixture().store.stateMachines.find(PLACE, machine.name)).toBeUndefined();
    expect(await fixture().store.executions.deleting(10)).toEqual([]);
  });

  test('while it is being deleted it does not change', async () => {
    const machine = await fixture().machine();
    await fixture().started({ stateMachineId: machine.id, revisionRowId: machine.revisionRowId });
    await fixture().store.stateMachines.delete(PLACE, machine.name);
    const updated = await fixture().store.stateMachines.update(PLACE, machine.name, { roleArn: 'other' });
    expect(updated).toMatchObject({ status: 'DELETING', roleArn: machine.roleArn });
  });

  test('closed executions stay; a new machine of that name has names of its own', async () => {
    const old = await fixture().machine('again');
    const place = { stateMachineId: old.id, revisionRowId: old.revisionRowId };
    const [reused, kept] = [
      await fixture().started({ ...place, name: 'reused' }),
      await fixture().started({ ...place, name: 'kept' }),
    ];
    for (const id of [reused, kept]) await fixture().store.executions.stop(id, stopWith());
    await fixture().store.stateMachines.delete(PLACE, 'again');
    expect(await fixture().store.executions.find(PLACE, 'again', 'kept')).toMatchObject({ id: kept });

    const fresh = await fixture().machine('again');
    const newer = await fixture().started({
      stateMachineId: fresh.id,
      revisionRowId: fresh.revisionRowId,
      name: 'reused',
    });
    expect(await fixture().store.executions.find(PLACE, 'again', 'reused')).toMatchObject({ id: newer });
  });

  test('a last execution that closes at the same moment is seen when reconciling', async () => {
    const machine = await fixture().machine();
    const executionId = await fixture().started({
      stateMachineId: machine.id,
      revisionRowId: machine.revisionRowId,
    });
    const claim = await fixture().claim(executionId, await fixture().worker());
    const session = await fixture().session();
    await session.query('begin');
    await session.query(`update statehouse.state_machines set status = 'DELETING' where id = $1`, [
      machine.id,
    ]);
    // Neither sees the other: the mark is not committed, and then the execution is closed already.
    await fixture().store.leases.append(appendTo(claim, { end: SUCCEEDED }));
    await session.query('commit');
    session.release();
    expect(await fixture().store.stateMachines.find(PLACE, machine.name)).toMatchObject({
      status: 'DELETING',
    });
    await fixture().store.workers.reconcile(3_600_000);
    expect(await fixture().store.stateMachines.find(PLACE, machine.name)).toBeUndefined();
  });
});

describe('places', () => {
  test.each([{ accountId: '111111111111' }, { region: 'eu-west-1' }, { partition: 'aws-cn' }])(
    'a name in another place (%o) is another machine, and neither sees the other',
    async (differing) => {
      const { stateMachines } = fixture().store;
      const place = { ...PLACE, ...differing };
      const name = `shared-${Object.values(differing)}`;
      const here = await stateMachines.create(newMachine(name));
      const there = await stateMachines.create(newMachine(name, { place, definition: '{}' }));
      expect([here.created, there.created]).toEqual([true, true]);
      expect(await stateMachines.find(place, name)).toEqual(there.machine);
      expect(await stateMachines.list({ place, limit: 10, after: undefined })).toEqual([there.machine]);
      await stateMachines.update(place, name, { roleArn: 'changed' });
      await stateMachines.delete(place, name);
      expect(await stateMachines.find(place, name)).toBeUndefined();
      expect(await stateMachines.find(PLACE, name)).toEqual(here.machine);
    },
  );
});
