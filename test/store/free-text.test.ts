import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeName, quoteText, unescapeName, unquoteText } from '../../store/free-text.ts';

const anyText = fc.string({ unit: 'binary' });
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
const FORBIDDEN = /[\u0000-\u001f]/;

test('any text survives, without control characters on the way', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(unescapeName(escapeName(text))).toBe(text);
      expect(unquoteText(quoteText(text))).toBe(text);
      expect(escapeName(text)).not.toMatch(FORBIDDEN);
      expect(quoteText(text)).not.toMatch(FORBIDDEN);
    }),
  );
});

test('lone surrogates survive', () => {
  const lone = 'a\ud800b';
  expect(unquoteText(Buffer.from(quoteText(lone)).toString())).toBe(lone);
});

test('a name that AWS allows is stored as it is', () => {
  expect(escapeName('bestellung-ünïcode_1.0')).toBe('bestellung-ünïcode_1.0');
});

test('absent and empty are different things', () => {
  expect(quoteText(undefined)).toBeNull();
  expect(unquoteText(null as string | null)).toBeUndefined();
  expect(unquoteText(quoteText(''))).toBe('');
});
