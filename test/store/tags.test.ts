import { describe, expect, test } from 'vitest';
import type { Tag, TaggedResource } from '../../store/tag.ts';
import { PLACE } from '../support/place.ts';
import { stopWith, useStore } from './fixture.ts';

const fixture = useStore();

async function resource(): Promise<TaggedResource & { name: string }> {
  const { id, name } = await fixture().machine();
  return { type: 'stateMachine', id, name };
}

async function tagsOf(name: string): Promise<readonly Tag[] | undefined> {
  return (await fixture().store.stateMachines.find(PLACE, name))?.tags;
}

const numbered = (from: number, to: number): Tag[] =>
  Array.from({ length: to - from }, (_, n) => ({ key: `k${from + n}`, value: '' }));

describe('tags of a state machine', () => {
  test('are there from its creation, and come with its record, whatever is in them', async () => {
    const tags = [
      { key: '__proto__', value: 'constructor' },
      { key: 'a "b" \\ c', value: '\u0000\u001e\ud800 é' },
    ];
    const machine = { ...(await fixture().machine('tagged-template')), name: 'tagged', tags };
    const created = await fixture().store.stateMachines.create(machine);
    expect(created).toMatchObject({ created: true, machine: { tags } });
    const [listed] = (
      await fixture().store.stateMachines.list({ place: PLACE, limit: 1000, after: undefined })
    ).filter(({ name }) => name === 'tagged');
    expect(listed?.tags).toEqual(tags);
    // The repeated create brings other tags, and changes none.
    const repeated = { ...machine, tags: [{ key: 'other', value: '' }] };
    expect(await fixture().store.stateMachines.create(repeated)).toEqual({ ...created, created: false });
  });

  test('are added, changed and taken away', async () => {
    const { store } = fixture();
    const { name, ...tagged } = await resource();
    const add = (tags: readonly Tag[]) => store.tags.add(tagged, tags, 50);
    expect(await tagsOf(name)).toEqual([]);
    expect(await add([])).toBe('added');
    const twice = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
      { key: 'a', value: '3' },
    ];
    expect(await add(twice)).toBe('added');
    expect(await tagsOf(name)).toEqual([
      { key: 'a', value: '3' },
      { key: 'b', value: '2' },
    ]);
    expect(await add([{ key: 'b', value: '' }])).toBe('added');
    await store.tags.remove(tagged, ['a', 'never there']);
    await store.tags.remove(tagged, []);
    expect(await tagsOf(name)).toEqual([{ key: 'b', value: '' }]);
  });

  test('stay through an update of the machine', async () => {
    const { name, ...tagged } = await resource();
    await fixture().store.tags.add(tagged, [{ key: 'a', value: '1' }], 50);
    const updated = await fixture().store.stateMachines.update(PLACE, name, { roleArn: 'other' });
    expect(updated?.tags).toEqual([{ key: 'a', value: '1' }]);
  });

  test('are as many as allowed, and those that are there already count once', async () => {
    const { name, ...tagged } = await resource();
    const add = (tags: readonly Tag[]) => fixture().store.tags.add(tagged, tags, 3);
    expect(await add(numbered(0, 3))).toBe('added');
    expect(await add(numbered(2, 4))).toBe('tooMany');
    expect(await tagsOf(name)).toEqual(numbered(0, 3));
    expect(await add([{ key: 'k1', value: 'new' }])).toBe('added');
    expect(await tagsOf(name)).toContainEqual({ key: 'k1', value: 'new' });
  });

  test('are not more than allowed when many add at the same moment', async () => {
    const { name, ...tagged } = await resource();
    const stores = [fixture().store, await fixture().another()];
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        stores[n % 2]?.tags.add(tagged, [{ key: `key${n}`, value: '' }], 3),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(3);
    expect(await tagsOf(name)).toHaveLength(3);
  });

  test('go with the machine, at once or with its last execution', async () => {
    const { store } = fixture();
    for (const hasExecution of [false, true]) {
      const { id, revisionRowId, name } = await fixture().machine();
      const tagged = { type: 'stateMachine', id } as const;
      await store.tags.add(tagged, [{ key: 'a', value: '1' }], 50);
      const executionId = hasExecution && (await fixture().started({ stateMachineId: id, revisionRowId }));
      await store.stateMachines.delete(PLACE, name);
      if (executionId) {
        expect(await tagsOf(name)).toHaveLength(1);
        await store.executions.stop(executionId, stopWith());
      }
      expect(await fixture().query('select from statehouse.tags where resource_id = $1', [id])).toEqual([]);
      expect(await store.tags.add(tagged, [{ key: 'b', value: '' }], 50)).toBe('gone');
      await fixture().machine(name);
      expect(await tagsOf(name)).toEqual([]);
    }
  });
});
