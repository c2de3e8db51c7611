/** Damage to valid texts and definitions, as fuzzers do it. */
import fc from 'fast-check';

/** What no message for a user may hold; messages quote the source, so mere words such as TypeError may occur. */
export const JAVASCRIPT_FAULT =
  /\[object \w+\]|Cannot (?:read|set) propert|Maximum call stack|is not iterable/;

type Edit = (text: string) => string;

/** What parsers trip over. */
const FRAGMENTS = [
  ...[
    '$',
    '$$',
    '$.',
    '..',
    '[',
    ']',
    '[*]',
    '[?(',
    ')]',
    '@',
    '(',
    ')',
    '{',
    '}',
    '{%',
    '%}',
    "'",
    '"',
    '\\',
    ',',
  ],
  ...[
    ':',
    '-',
    '0',
    '1e999',
    '9007199254740993',
    '/',
    '~>',
    '|',
    '^',
    '?',
    '=~ /(a+)+$/',
    '~',
    '`',
    '#',
    '%',
  ],
  ...[
    'States.Format(',
    'States.',
    '$states',
    '$eval(',
    '__proto__',
    'constructor',
    'null',
    'true',
    'in',
    '&&',
  ],
  ...[
    '\u0000',
    '\u001f',
    '\ud800',
    '\u2028',
    'ä',
    '😀',
    '\n',
    '\u00a0',
    '((((((((((((((((((((',
    '[[[[[[[[[[[[[[[',
  ],
];

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc
    .record({
      at: fc.nat(),
      text: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary', maxLength: 4 })),
    })
    .map(
      ({ at, text }): Edit =>
        (source) =>
          splice(source, at, 0, text),
    ),
  fc.record({ at: fc.nat(), length: fc.integer({ min: 1, max: 8 }) }).map(
    ({ at, length }): Edit =>
      (source) =>
        splice(source, at, length, ''),
  ),
  fc.record({ from: fc.nat(), length: fc.integer({ min: 1, max: 20 }), at: fc.nat() }).map(
    ({ from, length, at }): Edit =>
      (source) =>
        splice(source, at, 0, cut(source, from, length)),
  ),
);

/** Some of the texts, damaged in a few places; and now and then mere garbage. */
export function damaged(texts: readonly string[]): fc.Arbitrary<string> {
  const mutated = fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([text, edits]) => edits.reduce((damaged, apply) => apply(damaged), text));
  const garbage = fc.array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary' })), {
    maxLength: 12,
  });
  return fc.oneof(
    { weight: 5, arbitrary: mutated },
    { weight: 1, arbitrary: garbage.map((parts) => parts.join('')) },
  );
}

function splice(text: string, at: number, length: number, insert: string): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + insert + text.slice(start + length);
}

function cut(text: string, from: number, length: number): string {
  const start = from % (text.length + 1);
  return text.slice(start, start + length);
}

/** A value for any place of a definition. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1.5,
    1e300,
    '',
    '$',
    '$.a',
    '{% $x %}',
    '{% ( %}',
    [],
    {},
    [{}],
    [[]],
  ),
  fc.constantFrom<unknown>(
    'States.ALL',
    'Pass',
    'Map',
    'JSONata',
    '\u0000',
    { 'a.$': '$..' },
    { __proto__: null },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A JSON value in which members and items were replaced, removed, or copied from one place to another. */
export function disturbed(values: readonly unknown[]): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat(),
    from: fc.nat(),
    value: odd,
    how: fc.constantFrom('replace', 'remove', 'copy'),
  });
  return fc
    .tuple(fc.constantFrom(...values), fc.array(change, { minLength: 1, maxLength: 5 }))
    .map(([value, changes]) => {
      const copy: unknown = structuredClone(value);
      for (const { at, from, value: put, how } of changes) {
        const places = placesIn(copy);
        const place = places[at % places.length];
        const source = places[from % places.length];
        if (place === undefined || source === undefined) return copy;
        const { parent, key } = place;
        if (how === 'remove') delete parent[key];
        else parent[key] = structuredClone(how === 'copy' ? source.parent[source.key] : put);
      }
      return copy;
    });
}

interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...placesIn(parent[key])]);
}
