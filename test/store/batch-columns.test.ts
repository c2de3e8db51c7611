import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numbers, splitTexts, texts } from '../../store/batch-columns.ts';

test('numbers are a Postgres array literal', () => {
  expect(numbers([1, '9007199254740993', undefined, null, -2])).toBe('{1,9007199254740993,NULL,NULL,-2}');
  expect(numbers([])).toBe('{}');
});

test('texts come apart as they were put together', () => {
  fc.assert(
    fc.property(fc.array(fc.json(), { minLength: 1 }), (values) => {
      expect(splitTexts(texts(values))).toEqual(values);
    }),
  );
});

test('a text that holds the separator is refused', () => {
  expect(() => texts(['"a"', '"b\u001ec"'])).toThrow(RangeError);
});
