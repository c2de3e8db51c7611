import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StateMachineRecord } from '../../store/state-machine.ts';
import type { Store } from '../../store/store.ts';
import { type RevisionPublication, TooManyVersions, VERSIONS_MAX } from '../../store/versioning.ts';
import { PLACE } from '../support/place.ts';
import { runs } from '../support/runs.ts';
import { stopWith, useStore } from './fixture.ts';

const fixture = useStore();

const ANY: RevisionPublication = { revisionId: undefined, description: undefined };

async function publish(name: string, publication: Partial<RevisionPublication> = {}) {
  const outcome = await fixture().store.versions.publish(PLACE, name, { ...ANY, ...publication });
  if (outcome.kind !== 'published') throw new Error(`${name} is not published: ${outcome.kind}`);
  return outcome.version;
}

async function numbers(stateMachineId: string): Promise<number[]> {
  const page = { stateMachineId, limit: 2000, before: undefined };
  return (await fixture().store.versions.list(page)).map(({ number }) => number);
}

test('a version is the revision as it was', async () => {
  const machine = await fixture().machine();
  const { store } = fixture();
  const description = 'first\u0000 \u001e';
  const published = await publish(machine.name, { description });
  await store.stateMachines.update(PLACE, machine.name, { definition: '{"later":1}', roleArn: 'later' });
  expect(await store.versions.find(PLACE, machine.name, 1)).toMatchObject({
    number: 1,
    description,
    publishedAt: published.createdAt,
    rowId: machine.revisionRowId,
    stateMachineName: machine.name,
    definition: machine.definition,
    roleArn: machine.roleArn,
    revisionId: undefined,
    status: 'ACTIVE',
  });
});

test('a revision is published once, also with other configurations', async () => {
  const { name, id } = await fixture().machine();
  const first = await publish(name);
  await fixture().store.stateMachines.update(PLACE, name, { tracingConfiguration: { enabled: true } });
  expect(await publish(name)).toEqual(first);
  await fixture().store.stateMachines.update(PLACE, name, { roleArn: 'other' });
  expect((await publish(name)).number).toBe(2);
  expect(await numbers(id)).toEqual([2, 1]);
});

test('a definition that comes back is another revision', async () => {
  const { name, definition } = await fixture().machine();
  await publish(name);
  await fixture().store.stateMachines.update(PLACE, name, { definition: '{}' }, { description: undefined });
  const back = await fixture().store.stateMachines.update(PLACE, name, { definition }, { description: 'b' });
  expect(back?.publishedVersion).toBe(3);
});

test('only the revision that is named is published', async () => {
  const { name } = await fixture().machine();
  const { versions, stateMachines } = fixture().store;
  const wanted = { description: undefined, revisionId: 'INITIAL' };
  expect(await versions.publish(PLACE, name, { ...wanted, revisionId: 'x' })).toEqual({
    kind: 'otherRevision',
    current: 'INITIAL',
  });
  expect(await versions.publish(PLACE, name, wanted)).toMatchObject({ kind: 'published' });
  const updated = await stateMachines.update(PLACE, name, { definition: '{}' });
  const current = updated?.revisionId ?? '';
  expect(await versions.publish(PLACE, name, wanted)).toEqual({ kind: 'otherRevision', current });
  expect(await versions.publish(PLACE, name, { ...wanted, revisionId: current })).toMatchObject({
    version: { number: 2 },
  });
});

test('nobody’s machine, and one that is being deleted', async () => {
  const { versions, stateMachines } = fixture().store;
  expect(await versions.publish(PLACE, 'nobody', ANY)).toEqual({ kind: 'gone' });
  expect(await versions.delete(PLACE, 'nobody', 1)).toEqual({ aliases: [] });
  const { id, name, revisionRowId } = await fixture().machine();
  const executionId = await fixture().started({ stateMachineId: id, revisionRowId });
  await publish(name);
  await stateMachines.delete(PLACE, name);
  expect(await versions.publish(PLACE, name, ANY)).toEqual({ kind: 'deleting' });
  const updated = await stateMachines.update(PLACE, name, { roleArn: 'r' }, { description: undefined });
  expect(updated).toMatchObject({ status: 'DELETING', roleArn: 'arn:aws:iam::000000000000:role/test' });
  expect(await versions.find(PLACE, name, 1)).toMatchObject({ status: 'DELETING' });
  await fixture().store.executions.stop(executionId, stopWith());
  expect(await numbers(id)).toEqual([]);
});

test('what would be one version too many is not done at all', async () => {
  const { id, name, revisionRowId, roleArn } = await fixture().machine();
  const { stateMachines } = fixture().store;
  await fixture().query(
    `insert into statehouse.versions (state_machine_id, number, revision_id)
     select $1, n, $2 from generate_series(1, $3) as n`,
    [id, revisionRowId, VERSIONS_MAX],
  );
  expect((await publish(name)).number).toBe(VERSIONS_MAX);
  const publishing = stateMachines.update(PLACE, name, { roleArn: 'other' }, { description: undefined });
  await expect(publishing).rejects.toThrow(TooManyVersions);
  expect(await stateMachines.find(PLACE, name)).toMatchObject({ roleArn, revisionRowId });
});

type Step = 'update' | 'publish' | 'updateAndPublish' | 'deleteNewest' | 'deleteOldest';
const steps = fc.array(
  fc.constantFrom<Step>('update', 'publish', 'updateAndPublish', 'deleteNewest', 'deleteOldest'),
  { maxLength: 12 },
);

/** One process that publishes, and what it has learnt: the revision that each number stands for, where it is told. */
async function take(store: Store, { id, name }: StateMachineRecord, todo: readonly Step[]) {
  const told = new Map<number, string | undefined>();
  const publication = { description: undefined };
  for (const step of todo) {
    const change = { roleArn: `role-${randomUUID()}` };
    const present = await numbers(id);
    switch (step) {
      case 'update':
        await store.stateMachines.update(PLACE, name, change);
        break;
      case 'publish': {
        const outcome = await store.versions.publish(PLACE, name, ANY);
        if (outcome.kind === 'published') told.set(outcome.version.number, told.get(outcome.version.number));
        break;
      }
      case 'updateAndPublish': {
        const updated = await store.stateMachines.update(PLACE, name, change, publication);
        told.set(updated?.publishedVersion ?? 0, updated?.revisionId);
        break;
      }
      case 'deleteNewest':
        await store.versions.delete(PLACE, name, present[0] ?? 0);
        break;
      case 'deleteOldest':
        await store.versions.delete(PLACE, name, present.at(-1) ?? 0);
    }
  }
  return told;
}

test('whatever two processes do at the same moment, numbers are dense and never used again', async () => {
  const stores = [fixture().store, await fixture().another()];
  await fc.assert(
    fc.asyncProperty(steps, steps, async (...todo) => {
      const machine = await fixture().machine();
      const told = await Promise.all(stores.map((store, index) => take(store, machine, todo[index] ?? [])));
      // Each number was told to somebody when it was given.
      const given = [...new Set(told.flatMap((of) => [...of.keys()]))].sort((a, b) => a - b);
      expect(given).toEqual(given.map((_, index) => index + 1));
      const rows = await fixture().query<{ last_version: number }>(
        'select last_version from statehouse.state_machines where id = $1',
        [machine.id],
      );
      expect(rows).toEqual([{ last_version: given.length }]);
      expect(given).toEqual(expect.arrayContaining(await numbers(machine.id)));
      for (const number of given) {
        const revisions = new Set(told.flatMap((of) => of.get(number) ?? []));
        expect(revisions.size, `revisions under number ${number}`).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: runs(20) },
  );
});
