import { expect, test } from 'vitest';
import { RecentlyUsed } from '../../api/recently-used.ts';

test('forgets what was used least recently when it is full', () => {
  const values = new RecentlyUsed<number>(2);
  values.set('a', 1);
  values.set('b', 2);
  expect(values.get('a')).toBe(1);
  values.set('c', 3);
  expect(['a', 'b', 'c'].map((key) => values.get(key))).toEqual([1, undefined, 3]);
});

test('a value that is set again is the last used, and takes no other place', () => {
  const values = new RecentlyUsed<number>(2);
  values.set('a', 1);
  values.set('b', 2);
  values.set('a', 3);
  values.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => values.get(key))).toEqual([3, undefined, 4]);
});
