import { expect, test } from 'vitest';
import { Machines } from '../../../integrations/states/machines.ts';
import type { RevisionRecord } from '../../../store/state-machine.ts';

function revisions(definitions: Readonly<Record<string, string>>) {
  const loaded: string[] = [];
  return {
    loaded,
    async revision(rowId: string): Promise<RevisionRecord | undefined> {
      loaded.push(rowId);
      const definition = definitions[rowId];
      if (definition === undefined) return undefined;
      return {
        rowId,
        stateMachineName: 'machine',
        type: 'STANDARD',
        definition,
        roleArn: 'arn:aws:iam::000000000000:role/test',
        revisionId: undefined,
        createdAt: 0,
        loggingConfiguration: null,
        tracingConfiguration: null,
        encryptionConfiguration: null,
      };
    },
  };
}

/** A definition of exactly so many characters. */
function definition(length: number): string {
  const text = JSON.stringify({ StartAt: 'a', States: { a: { Type: 'Succeed' } } });
  return text + ' '.repeat(length - text.length);
}

test('reads and parses a revision once, also for those who ask at the same moment', async () => {
  const store = revisions({ '1': definition(100) });
  const machines = new Machines(store);
  const [a, b] = await Promise.all([machines.get('1'), machines.get('1')]);
  expect(a?.machine.startAt).toBe('a');
  expect(b).toBe(a);
  expect(await machines.get('1')).toBe(a);
  expect(store.loaded).toEqual(['1']);
});

test('forgets the one that was not used for the longest time', async () => {
  const store = revisions({ '1': definition(100), '2': definition(100), '3': definition(100) });
  const machines = new Machines(store, 250);
  for (const id of ['1', '2', '1', '3', '1', '2']) await machines.get(id);
  expect(store.loaded).toEqual(['1', '2', '3', '2']);
});

test('says what is wrong, and asks again next time', async () => {
  const store = revisions({ '1': '{"StartAt":"a"}' });
  const machines = new Machines(store);
  await expect(machines.get('1')).rejects.toThrow('Revision 1 of machine does not parse');
  await expect(machines.get('2')).rejects.toThrow('no state machine revision 2');
  await expect(machines.get('1')).rejects.toThrow('does not parse');
  expect(store.loaded).toEqual(['1', '2', '1']);
});
