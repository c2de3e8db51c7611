import { describe, expect, test } from 'vitest';
import type { StateMachineRecord } from '../../store/state-machine.ts';
import { ALIASES_MAX, type NewAlias } from '../../store/versioning.ts';
import { PLACE } from '../support/place.ts';
import { NOON, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

/** A machine with versions 1 and 2. */
async function versioned(): Promise<StateMachineRecord> {
  const { name } = await fixture().machine();
  const { stateMachines, versions } = fixture().store;
  await versions.publish(PLACE, name, { revisionId: undefined, description: undefined });
  const machine = await stateMachines.update(PLACE, name, { roleArn: 'two' }, { description: undefined });
  if (machine === undefined) throw new Error('the machine is gone');
  return machine;
}

const live: NewAlias = {
  name: 'live',
  description: 'what customers see\u0000',
  routes: [
    { version: 2, weight: 90 },
    { version: 1, weight: 10 },
  ],
};
const canary: NewAlias = { name: 'canary', description: undefined, routes: [{ version: 2, weight: 100 }] };

describe('an alias', () => {
  test('is kept as it is given, its routes in their order', async () => {
    const { name } = await versioned();
    const { aliases } = fixture().store;
    const outcome = await aliases.create(PLACE, name, live);
    expect(outcome).toMatchObject({ kind: 'done', alias: live });
    expect({ kind: 'done', alias: await aliases.find(PLACE, name, 'live') }).toEqual(outcome);
    expect(await aliases.create(PLACE, name, canary)).toMatchObject({ alias: canary });
  });

  test('is made once; another one of its name is a conflict', async () => {
    const { name } = await versioned();
    const { aliases } = fixture().store;
    const other = await fixture().another();
    const [first, second] = await Promise.all([
      aliases.create(PLACE, name, live),
      other.aliases.create(PLACE, name, live),
    ]);
    expect(second).toEqual(first);
    for (const change of [
      { description: undefined },
      { routes: [...live.routes].reverse() },
      { routes: live.routes.slice(1) },
    ])
      expect(await aliases.create(PLACE, name, { ...live, ...change })).toEqual({ kind: 'conflict' });
  });

  test('routes to versions that there are', async () => {
    const { name } = await versioned();
    const { aliases } = fixture().store;
    const routes = [{ version: 3, weight: 100 }];
    expect(await aliases.create(PLACE, name, { ...live, routes })).toEqual({ kind: 'missing' });
    await aliases.create(PLACE, name, live);
    expect(await aliases.update(PLACE, name, { name: 'live', description: 'new', routes })).toBe('missing');
    expect(await aliases.find(PLACE, name, 'live')).toMatchObject(live);
  });

  test('is updated in part or as a whole', async () => {
    const { name } = await versioned();
    const later = await fixture().another({ now: NOON });
    await later.aliases.create(PLACE, name, live);
    const { aliases } = fixture().store;
    const described = await aliases.update(PLACE, name, {
      name: 'live',
      description: 'b',
      routes: undefined,
    });
    expect(described).toMatchObject({ ...live, description: 'b', createdAt: NOON });
    expect(described).not.toMatchObject({ updatedAt: NOON });
    const { routes } = canary;
    expect(await aliases.update(PLACE, name, { name: 'live', description: undefined, routes })).toMatchObject(
      {
        description: 'b',
        routes,
      },
    );
    expect(await aliases.update(PLACE, name, { name: 'gone', description: 'b', routes })).toBe('missing');
    expect(await aliases.update(PLACE, 'nobody', { name: 'live', description: 'b', routes })).toBe('missing');
  });

  test('holds its versions', async () => {
    const { name } = await versioned();
    const { aliases, versions } = fixture().store;
    await aliases.create(PLACE, name, live);
    await aliases.create(PLACE, name, canary);
    expect(await versions.delete(PLACE, name, 2)).toEqual({ aliases: ['canary', 'live'] });
    expect(await versions.delete(PLACE, name, 1)).toEqual({ aliases: ['live'] });
    await aliases.delete(PLACE, name, 'live');
    expect(await versions.delete(PLACE, name, 1)).toEqual({ aliases: [] });
    expect(await versions.find(PLACE, name, 1)).toBeUndefined();
    expect(await versions.find(PLACE, name, 2)).toBeDefined();
  });

  test('and the deletion of its version, at the same moment: one of them comes first', async () => {
    const other = await fixture().another();
    const { name } = await versioned();
    const [created, deleted] = await Promise.all([
      fixture().store.aliases.create(PLACE, name, canary),
      other.versions.delete(PLACE, name, 2),
    ]);
    const wasFirst = created.kind === 'done';
    expect(deleted).toEqual({ aliases: wasFirst ? ['canary'] : [] });
    expect((await fixture().store.versions.find(PLACE, name, 2)) !== undefined).toBe(wasFirst);
  });
});

test('there are so many at most', async () => {
  const { name, id } = await versioned();
  const { aliases } = fixture().store;
  await fixture().query(
    `insert into statehouse.aliases (state_machine_id, name)
     select $1, 'alias-' || n from generate_series(2, $2) as n`,
    [id, ALIASES_MAX],
  );
  expect(await aliases.create(PLACE, name, live)).toMatchObject({ kind: 'done' });
  expect(await aliases.create(PLACE, name, canary)).toEqual({ kind: 'tooMany' });
});

test('they go with their machine, and not before', async () => {
  const { name, id, revisionRowId } = await versioned();
  const { aliases, executions, stateMachines } = fixture().store;
  await aliases.create(PLACE, name, live);
  const executionId = await fixture().started({
    stateMachineId: id,
    revisionRowId,
    alias: 'live',
    version: 2,
  });
  await stateMachines.delete(PLACE, name);
  expect(await aliases.create(PLACE, name, canary)).toEqual({ kind: 'deleting' });
  expect(await aliases.update(PLACE, name, { name: 'live', description: 'b', routes: undefined })).toBe(
    'deleting',
  );
  expect(await aliases.find(PLACE, name, 'live')).toMatchObject(live);
  await executions.stop(executionId, stopWith());
  expect(await aliases.find(PLACE, name, 'live')).toBeUndefined();
  expect(await fixture().query('select from statehouse.aliases where state_machine_id = $1', [id])).toEqual(
    [],
  );
  await fixture().machine(name);
  expect(await aliases.find(PLACE, name, 'live')).toBeUndefined();
});
