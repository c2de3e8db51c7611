import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StringPattern } from '../../../../runtime/states/choice/string-pattern.ts';

it.each([
  ['log-*.txt', 'log-2024.txt', true],
  ['log-*.txt', 'log-.txt', true],
  ['log-*.txt', 'log.txt', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['abc', 'abcd', false],
  ['a*a', 'a', false],
  ['*ab*ab*', 'abab', true],
  ['*ab*ab*', 'aab', false],
  ['a**b', 'ab', true],
  [String.raw`\*`, '*', true],
  [String.raw`\*`, 'a', false],
  [String.raw`\\*`, String.raw`\x`, true],
  [String.raw`\\`, '\\', true],
  [String.raw`a\b`, String.raw`a\b`, true],
  ['a*', 'a\nb', true],
  ['.*', 'xyz', false],
])('%s on %s: %s', (pattern, text, matches) => {
  expect(new StringPattern(pattern).matches(text)).toBe(matches);
});

it('agrees with the regular expression it stands for', () => {
  const piece = fc.constantFrom('a', 'b', '*', String.raw`\*`, String.raw`\\`);
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 12 });
  const regexOf = (piece: string): string => (piece === '*' ? '[^]*' : piece);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), text, (pieces, text) => {
      const expected = new RegExp(`^${pieces.map(regexOf).join('')}$`).test(text);
      expect(new StringPattern(pieces.join('')).matches(text)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

it('answers on texts made to be slow', () => {
  const text = 'a'.repeat(250_000);
  expect(new StringPattern(`*${'a'.repeat(100_000)}b*${'a'.repeat(100_000)}*c`).matches(`${text}c`)).toBe(
    false,
  );
  expect(new StringPattern('*a'.repeat(100_000)).matches(text)).toBe(true);
});
