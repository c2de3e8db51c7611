import { expect, test } from 'vitest';
import { Admission } from '../../worker/admission.ts';

/** Who has come in so far, in order. */
function visitors(admission: Admission): {
  entered: string[];
  enter(name: string): void;
  settled(): Promise<void>;
} {
  const entered: string[] = [];
  return {
    entered,
    enter: (name) => void admission.enter().then((ok) => entered.push(ok ? name : `not ${name}`)),
    settled: async () => {
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    },
  };
}

test('lets in as many as there are places, the others in turn', async () => {
  const admission = new Admission(2, () => true);
  const { entered, enter, settled } = visitors(admission);
  for (const name of ['a', 'b', 'c', 'd']) enter(name);
  await settled();
  expect(entered).toEqual(['a', 'b']);
  expect(admission.isCrowded).toBe(true);
  admission.leave();
  await settled();
  expect(entered).toEqual(['a', 'b', 'c']);
  admission.leave();
  await settled();
  expect(entered).toEqual(['a', 'b', 'c', 'd']);
  expect(admission.isCrowded).toBe(false);
});

test('lets nobody in while the other condition does not hold', async () => {
  let open = false;
  const admission = new Admission(10, () => open);
  const { entered, enter, settled } = visitors(admission);
  enter('a');
  await settled();
  expect(entered).toEqual([]);
  open = true;
  admission.changed();
  await settled();
  expect(entered).toEqual(['a']);
});

test('sends away who waits when it closes, and who comes later', async () => {
  const admission = new Admission(1, () => true);
  const { entered, enter, settled } = visitors(admission);
  enter('a');
  enter('b');
  admission.close();
  enter('c');
  await settled();
  expect(entered).toEqual(['a', 'not b', 'not c']);
});

test('says when everybody has left', async () => {
  const admission = new Admission(2, () => true);
  await admission.enter();
  await admission.enter();
  let empty = false;
  const emptied = admission.whenEmpty().then(() => {
    empty = true;
  });
  admission.leave();
  await Promise.resolve();
  expect(empty).toBe(false);
  admission.leave();
  await emptied;
  await admission.whenEmpty();
});
