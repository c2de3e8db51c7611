import { describe, expect, test } from 'vitest';
import { GroupCommit, type GroupCommitOptions } from '../../store/group-commit.ts';

interface Entry {
  readonly key: string;
  readonly text: string;
}

/** Writes that wait until the test lets them go. */
function heldWrites() {
  const batches: { texts: string[]; succeed: () => void; fail: (error: Error) => void }[] = [];
  const begun: (() => void)[] = [];
  const write: GroupCommitOptions<Entry, string>['write'] = (entries) =>
    new Promise((resolve, reject) => {
      batches.push({
        texts: entries.map((entry) => entry.text),
        succeed: () => resolve(entries.map((entry) => `${entry.text} written`)),
        fail: reject,
      });
      for (const next of begun.splice(0)) next();
    });
  const untilBegun = async (count: number): Promise<void> => {
    while (batches.length < count) await new Promise<void>((resolve) => begun.push(resolve));
  };
  return { batches, write, untilBegun };
}

function groupCommit(options: Partial<GroupCommitOptions<Entry, string>>) {
  return new GroupCommit<Entry, string>({
    maxEntries: 10,
    maxBytes: 1000,
    key: (entry) => entry.key,
    bytes: (entry) => entry.text.length,
    write: async (entries) => entries.map((entry) => `${entry.text} written`),
    isFaultOfEntry: () => true,
    ...options,
  });
}

const entry = (text: string, key = text): Entry => ({ key, text });

describe('gathering', () => {
  test('what is submitted in one turn is written together, each with its own outcome', async () => {
    const { batches, write, untilBegun } = heldWrites();
    const group = groupCommit({ write });
    const outcomes = Promise.all(['a', 'b', 'c'].map((text) => group.submit(entry(text))));
    await untilBegun(1);
    batches[0]?.succeed();
    expect(await outcomes).toEqual(['a written', 'b written', 'c written']);
    expect(batches.map((batch) => batch.texts)).toEqual([['a', 'b', 'c']]);
  });

  test('while two batches are in flight the rest is gathered', async () => {
    const { batches, write, untilBegun } = heldWrites();
    const group = groupCommit({ write });
    const outcomes = [group.submit(entry('a'))];
    await untilBegun(1);
    outcomes.push(group.submit(entry('b')));
    await untilBegun(2);
    for (const text of ['c', 'd', 'e']) outcomes.push(group.submit(entry(text)));
    await new Promise(setImmediate);
    expect(batches).toHaveLength(2);
    batches[0]?.succeed();
    await untilBegun(3);
    batches[1]?.succeed();
    batches[2]?.succeed();
    await Promise.all(outcomes);
    expect(batches.map((batch) => batch.texts)).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
  });

  test('batches are bounded by entries', async () => {
    const sizes: number[] = [];
    const group = groupCommit({
      maxEntries: 4,
      write: async (entries) => {
        sizes.push(entries.length);
        return entries.map((item) => item.text);
      },
    });
    const texts = Array.from({ length: 10 }, (_, index) => `${index}`);
    expect(await Promise.all(texts.map((text) => group.submit(entry(text))))).toEqual(texts);
    expect(sizes).toEqual([4, 4, 2]);
  });

  test('batches are bounded by bytes; what is larger than a batch goes alone', async () => {
    const written: string[][] = [];
    const group = groupCommit({
      maxBytes: 5,
      write: async (entries) => {
        written.push(entries.map((item) => item.text));
        return entries.map((item) => item.text);
      },
    });
    await Promise.all(['aaa', 'bb', 'c', 'dddddddd', 'e'].map((text) => group.submit(entry(text))));
    expect(written).toEqual([['aaa', 'bb'], ['c'], ['dddddddd'], ['e']]);
  });

  test('a key stands once in a batch, and entries of one key keep their order', async () => {
    const { batches, write, untilBegun } = heldWrites();
    const group = groupCommit({ write });
    const outcomes = [entry('a1', 'a'), entry('b1', 'b'), entry('a2', 'a'), entry('a3', 'a')].map((item) =>
      group.submit(item),
    );
    await untilBegun(2);
    batches[0]?.succeed();
    await untilBegun(3);
    batches[1]?.succeed();
    batches[2]?.succeed();
    await Promise.all(outcomes);
    expect(batches.map((batch) => batch.texts)).toEqual([['a1', 'b1'], ['a2'], ['a3']]);
  });
});

describe('failures', () => {
  test('only the entry at fault is rejected', async () => {
    const group = groupCommit({
      write: async (entries) => {
        if (entries.some((item) => item.text === 'poison')) throw new Error('bad entry');
        return entries.map((item) => item.text);
      },
    });
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'poison', 'c', 'd', 'e', 'f'].map((text) => group.submit(entry(text))),
    );
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
  });

  test('a failure that is nobody’s fault rejects the batch without writing it again', async () => {
    let writes = 0;
    const group = groupCommit({
      isFaultOfEntry: () => false,
      write: async () => {
        writes++;
        throw new Error('no database');
      },
    });
    const outcomes = await Promise.allSettled(['a', 'b'].map((text) => group.submit(entry(text))));
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect(writes).toBe(1);
  });

  test('after a failure the group goes on', async () => {
    let failing = true;
    const group = groupCommit({
      write: async (entries) => {
        if (failing) throw new Error('down');
        return entries.map((item) => item.text);
      },
    });
    await expect(group.submit(entry('a'))).rejects.toThrow('down');
    failing = false;
    expect(await group.submit(entry('b'))).toBe('b');
  });
});

describe('drain', () => {
  test('resolves once everything has been answered', async () => {
    const { batches, write, untilBegun } = heldWrites();
    const group = groupCommit({ write });
    const answered: string[] = [];
    void group.submit(entry('a')).then((outcome) => answered.push(outcome));
    const drained = group.drain().then(() => answered.push('drained'));
    await untilBegun(1);
    batches[0]?.succeed();
    await drained;
    expect(answered).toEqual(['a written', 'drained']);
  });

  test('resolves at once when nothing is under way', async () => {
    await groupCommit({}).drain();
  });
});
