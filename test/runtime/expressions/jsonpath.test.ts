import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, parseJson, stringifyJson } from '../../../runtime/data/json.ts';
import type { Path, PathResult } from '../../../runtime/expressions/expression.ts';
import { parsePath } from '../../../runtime/expressions/jsonpath/path.ts';
import { StateFailure } from '../../../runtime/failures/failure.ts';
import { anEnvironment, failureOf } from './an-environment.ts';

function path(source: string): Path {
  const parsed = parsePath(source);
  if (!parsed.ok) throw new Error(`${source}: ${parsed.message}`);
  return parsed.path;
}

function resolve(source: string, input: Json): PathResult {
  return path(source).resolve(anEnvironment(input));
}

function value(source: string, input: Json): Json {
  const result = resolve(source, input);
  if (!result.found) throw new Error(`${source}: ${result.message}`);
  return result.value;
}

const store: Json = {
  store: {
    book: [
      { category: 'reference', author: 'Nigel Rees', title: 'Sayings of the Century', price: 8.95 },
      { category: 'fiction', author: 'Evelyn Waugh', title: 'Sword of Honour', price: 12.99 },
      {
        category: 'fiction',
        author: 'Herman Melville',
        title: 'Moby Dick',
        isbn: '0-553-21311-3',
        price: 8.99,
      },
      {
        category: 'fiction',
        author: 'J. R. R. Tolkien',
        title: 'The Lord of the Rings',
        isbn: '0-395-19395-8',
        price: 22.99,
      },
    ],
    bicycle: { color: 'red', price: 19.95 },
  },
  expensive: 10,
  numbers: [1, 2, 3, 4, 5],
};

describe('definite paths', () => {
  it.each<[string, Json]>([
    ['$.store.bicycle.color', 'red'],
    ["$['store']['bicycle'].color", 'red'],
    ['$["store"]["bicycle"]["color"]', 'red'],
    ["$[ 'store' ].bicycle.color", 'red'],
    ['$.store.book[0].author', 'Nigel Rees'],
    ['$.store.book[-1].author', 'J. R. R. Tolkien'],
    ['$.numbers[-5]', 1],
  ])('%s', (source, expected) => {
    expect(path(source).definite).toBe(true);
    expect(value(source, store)).toEqual(expected);
  });

  it('find the input itself, not a copy', () => {
    expect(value('$', store)).toBe(store);
    expect(path('$').isRoot).toBe(true);
    expect(path('$.store').isRoot).toBe(false);
    expect(path('$$').isRoot).toBe(false);
  });

  it('find null and empty values', () => {
    expect(value('$.a', { a: null })).toBeNull();
    expect(value('$.a.b', { a: { b: '' } })).toBe('');
  });

  it('take names with dots, blanks, quotes, brackets and emoji', () => {
    expect(value("$['a.b c']", { 'a.b c': 1 })).toBe(1);
    expect(value("$['a]b']", { 'a]b': 1 })).toBe(1);
    expect(value("$['it\\'s']", { "it's": 1 })).toBe(1);
    expect(value('$.a-b', { 'a-b': 1 })).toBe(1);
    expect(value('$.größe.🆗', { größe: { '🆗': 1 } })).toBe(1);
  });

  it('keep other backslashes in a quoted name (recorded)', () => {
    expect(value(`$['Test\\""Name"']`, { 'Test\\""Name"': 'Value"\\' })).toBe('Value"\\');
  });

  it('never see inherited members', () => {
    for (const source of ['$.constructor', '$.__proto__', "$['toString']", '$.a.length']) {
      expect(resolve(source, { a: [] }).found).toBe(false);
    }
    expect(value('$.__proto__', parseJson('{"__proto__":1}'))).toBe(1);
  });
});

describe('paths that lead nowhere', () => {
  it.each([
    ['$.NoSuchInputPath', { 'int-literal': 0 }, "No results for path: $['NoSuchInputPath']"],
    ['$.no.such.result.path', {}, "Missing property in path $['no']"],
    ['$.a.b.c', { a: {} }, "Missing property in path $['a']['b']"],
    ['$.a.b', { a: {} }, "No results for path: $['a']['b']"],
    ['$.a.b', { a: 5 }, "No results for path: $['a']['b']"],
    ['$.a[3]', { a: [] }, "No results for path: $['a'][3]"],
    ['$[0]', {}, 'No results for path: $[0]'],
    ['$.a', null, "No results for path: $['a']"],
    ['$.a.b', [], "Missing property in path $['a']"],
  ])('%s in %j', (source, input, message) => {
    expect(resolve(source, input)).toMatchObject({ found: false, message });
  });

  it('tell an index past the end from a missing member', () => {
    expect(resolve('$.a[3]', { a: [] })).toMatchObject({ pastEnd: true });
    expect(resolve('$.a[3]', { a: {} })).toMatchObject({ pastEnd: false });
    expect(resolve('$.a', {})).toMatchObject({ pastEnd: false });
  });
});

describe('indefinite paths', () => {
  it.each<[string, Json]>([
    ['$.store.book[*].author', ['Nigel Rees', 'Evelyn Waugh', 'Herman Melville', 'J. R. R. Tolkien']],
    ['$..author', ['Nigel Rees', 'Evelyn Waugh', 'Herman Melville', 'J. R. R. Tolkien']],
    ['$.store..price', [8.95, 12.99, 8.99, 22.99, 19.95]],
    ['$..book[2].title', ['Moby Dick']],
    ['$.store.bicycle.*', ['red', 19.95]],
    ['$.store.book[0,1].price', [8.95, 12.99]],
    ["$.store.bicycle['color','price']", ['red', 19.95]],
    ["$.store['bicycle','none'].color", ['red']],
    ['$.numbers[1:3]', [2, 3]],
    ['$.numbers[:2]', [1, 2]],
    ['$.numbers[3:]', [4, 5]],
    ['$.numbers[-2:]', [4, 5]],
    ['$.numbers[:-3]', [1, 2]],
    ['$.numbers[::2]', [1, 3, 5]],
    ['$.numbers[1:4:2]', [2, 4]],
    ['$.numbers[0,9]', [1]],
    ['$.numbers[0:1]', [1]],
  ])('%s', (source, expected) => {
    expect(path(source).definite).toBe(false);
    expect(value(source, store)).toEqual(expected);
  });

  it.each([
    '$[*]',
    '$.items[*].itemValue',
    '$.items[1:].itemValue',
    '$.items[:1].itemValue',
    '$.item.items[*]',
    '$.item.items[1:5].itemValue',
    '$.items[1:]',
    '$..x',
  ])('%s without a match is an empty list (recorded)', (source) => {
    expect(value(source, {})).toEqual([]);
  });

  it('find nested values at any depth', () => {
    const deep = parseJson(`${'{"a":'.repeat(999)}1${'}'.repeat(999)}`);
    expect((value('$..a', deep) as Json[]).length).toBe(999);
  });
});

describe('filters', () => {
  const titles = (filter: string): Json => value(`$.store.book[?(${filter})].title`, store);

  it('select recorded users by status', () => {
    const input = {
      users: [
        { year: 1997, status: 0 },
        { year: 1998, status: 1 },
      ],
    };
    expect(value('$.users[?(@.status == 0)]', input)).toEqual([{ year: 1997, status: 0 }]);
  });

  it.each([
    ['@.isbn', ['Moby Dick', 'The Lord of the Rings']],
    ['!@.isbn', ['Sayings of the Century', 'Sword of Honour']],
    ['!!@.isbn', ['Moby Dick', 'The Lord of the Rings']],
    ['@.price < 9', ['Sayings of the Century', 'Moby Dick']],
    ['@.price<=8.95', ['Sayings of the Century']],
    ['@.price > $.expensive', ['Sword of Honour', 'The Lord of the Rings']],
    ['$.expensive >= @.price', ['Sayings of the Century', 'Moby Dick']],
    ["@.category == 'fiction' && @.price < 10", ['Moby Dick']],
    ["@.category != 'fiction' || @.price > 20", ['Sayings of the Century', 'The Lord of the Rings']],
    ['@.price > 10 && (@.title =~ /sword.*/i || !@.author)', ['Sword of Honour']],
    ['@.author =~ /.*rees/i', ['Sayings of the Century']],
    ['@.author =~ /Nigel/', []],
    ["@.category in ['reference', 'poetry']", ['Sayings of the Century']],
    ['@.price nin [8.95, 8.99, 12.99]', ['The Lord of the Rings']],
    ["@.title contains 'of the'", ['Sayings of the Century', 'The Lord of the Rings']],
    ['@.title size 9', ['Moby Dick']],
    ["@['price'] == 22.99", ['The Lord of the Rings']],
    ['@.title == "Moby Dick"', ['Moby Dick']],
    ['@.price == 8.990', ['Moby Dick']],
    ["@.price == '8.99'", ['Moby Dick']],
    ['@.title.length() == 9', ['Moby Dick']],
    ['@.isbn == null', []],
    ['@.none != 1', ['Sayings of the Century', 'Sword of Honour', 'Moby Dick', 'The Lord of the Rings']],
    ['@.title < 5', []],
    ['1 == 2', []],
  ])('%s', (filter, expected) => {
    expect(titles(filter)).toEqual(expected);
  });

  it.each<[string, Json, Json]>([
    ['$[?(@ > 1)]', [1, 2, 3], [2, 3]],
    [
      '$[?(@.id == 1234567890123456782)].n',
      parseJson('[{"id":1234567890123456781,"n":1},{"id":1234567890123456782,"n":2}]'),
      [2],
    ],
    [
      '$[?(@.id > 9007199254740992)].n',
      parseJson('[{"id":9007199254740992},{"id":9007199254740993,"n":2}]'),
      [2],
    ],
    ['$[?(@)]', [0, null, ''], [0, null, '']],
    [
      '$[?(@.tags subsetof ["a", "b"])].id',
      [
        { id: 1, tags: ['a'] },
        { id: 2, tags: ['a', 'c'] },
      ],
      [1],
    ],
    [
      '$[?(@.tags contains "c")].id',
      [
        { id: 1, tags: ['a'] },
        { id: 2, tags: ['a', 'c'] },
      ],
      [2],
    ],
    [
      '$[?(@.tags size 2)].id',
      [
        { id: 1, tags: ['a'] },
        { id: 2, tags: ['a', 'c'] },
      ],
      [2],
    ],
    ['$[?(@.tags empty true)].id', [{ id: 1, tags: [] }, { id: 2, tags: ['a'] }, { id: 3 }], [1]],
    ['$[?(@.tags empty false)].id', [{ id: 1, tags: [] }, { id: 2, tags: ['a'] }, { id: 3 }], [2]],
    [
      '$[?(@.a == true)].id',
      [
        { id: 1, a: true },
        { id: 2, a: 'true' },
      ],
      [1],
    ],
    ['$[?(@.a == null)].id', [{ id: 1, a: null }, { id: 2 }], [1]],
    [
      '$[?(@.a == @.b)].id',
      [
        { id: 1, a: { x: [1] }, b: { x: [1] } },
        { id: 2, a: [1], b: [2] },
      ],
      [1],
    ],
    [
      '$[?(@.a[*])].id',
      [
        { id: 1, a: [1] },
        { id: 2, a: [] },
      ],
      [1],
    ],
    [
      '$[?(@.a[?(@.b == 1)])].id',
      [
        { id: 1, a: [{ b: 1 }] },
        { id: 2, a: [{ b: 2 }] },
      ],
      [1],
    ],
    ['$[?(@.n =~ /\\d+/)].n', [{ n: 42 }, { n: 'x' }], [42]],
    ['$.a[?(@.b == 1)]', { a: { b: 1 } }, [{ b: 1 }]],
  ])('%s in %j', (source, input, expected) => {
    expect(value(source, input)).toEqual(expected);
  });

  it('compare numbers by value, however they are spelled', () => {
    expect(stringifyJson(value('$[?(@ == 1)]', parseJson('[1, 1.0, 10e-1, 2]')))).toBe('[1,1.0,10e-1]');
  });
});

describe('functions', () => {
  it.each<[string, Json]>([
    ['$.numbers.length()', 5],
    ['$.numbers.size()', 5],
    ['$.numbers.sum()', 15],
    ['$.numbers.avg()', 3],
    ['$.numbers.min()', 1],
    ['$.numbers.max()', 5],
    ['$.numbers.first()', 1],
    ['$.numbers.last()', 5],
    ['$.store.bicycle.keys()', ['color', 'price']],
    ['$.store.book[*].price.max()', 22.99],
    ['$..author.length()', 4],
    ['$.store.bicycle.color.length()', 3],
  ])('%s', (source, expected) => {
    expect(path(source).definite).toBe(true);
    expect(value(source, store)).toEqual(expected);
  });

  it('have no result for what they do not fit', () => {
    for (const source of [
      '$.expensive.sum()',
      '$.none.length()',
      '$.store.keys().none',
      '$.numbers.keys()',
    ]) {
      const parsed = parsePath(source);
      if (parsed.ok) expect(parsed.path.resolve(anEnvironment(store)).found).toBe(false);
    }
    expect(resolve('$.a.sum()', { a: [] }).found).toBe(false);
  });
});

describe('the context object and variables', () => {
  const environment = anEnvironment(
    { x: 1 },
    {
      context: { Execution: { Name: 'run', Input: { a: [1, 2] } } },
      variables: { total: { net: 5, parts: [1, 2] }, größe: 1, _x: 2 },
    },
  );

  it.each<[string, Json]>([
    ['$$.Execution.Name', 'run'],
    ["$$['Execution']['Name']", 'run'],
    ['$$.Execution.Input.a[*]', [1, 2]],
    ['$total.net', 5],
    ['$total', { net: 5, parts: [1, 2] }],
    ["$total['parts'][1]", 2],
    ['$total.parts[?(@ > 1)]', [2]],
    ['$größe', 1],
    ['$_x', 2],
  ])('%s', (source, expected) => {
    expect(path(source).resolve(environment)).toEqual({ found: true, value: expected });
  });

  it('a variable that is not assigned leads nowhere', () => {
    expect(path('$nothing.at.all').resolve(environment)).toMatchObject({
      found: false,
      message: "The variable '$nothing' has not been assigned a value",
    });
  });

  it('are not built when nobody asks', () => {
    const context = (): never => {
      throw new Error('asked');
    };
    expect(path('$.x').resolve({ ...environment, context })).toEqual({ found: true, value: 1 });
  });
});

describe('what is no path', () => {
  it.each([
    '',
    'a',
    'a.b',
    '.a',
    '@.a',
    '$.',
    '$..',
    '$.a.',
    '$.a..',
    '$[',
    '$[]',
    "$['a",
    "$['a'",
    "$['a']b",
    '$.a b',
    ' $.a',
    '$.a ',
    '$[a]',
    '$[1.5]',
    '$[1:2:0]',
    '$[1:2:-1]',
    '$[?]',
    '$[?()]',
    '$[?(@.a ==)]',
    '$[?(@.a = 1)]',
    '$[?(@.a == 1]',
    '$[?(@.a like 1)]',
    '$[?(@.a == nope)]',
    '$[?(@.a == 1 &&)]',
    '$[?(@.a =~ a)]',
    '$[?(@.a =~ /(/)]',
    '$[?(@.a =~ /a/q)]',
    '$[?(@.a =~ /(a)\\1/)]',
    '$[?(@.a =~ /(?<=a)b/)]',
    '$.a.nope()',
    '$.a.length().b',
    '$.a.length(1)',
    '$$$',
    '$1',
  ])('%j', (source) => {
    expect(parsePath(source)).toEqual({ ok: false, message: 'Value must be a valid JSONPath.' });
  });
});

describe('hostile paths and data', () => {
  it('a list that explodes fails the state instead of the process', () => {
    const nested = parseJson(`${'['.repeat(900)}1${']'.repeat(900)}`);
    const failure = failureOf(() => resolve(`$${'..*'.repeat(6)}`, nested));
    expect(failure).toMatchObject({ error: 'States.Runtime' });
    expect(failure.cause).toContain('takes too many steps');
  });

  it('a filter that compares everything with everything fails the state', () => {
    const input = {
      big: Array.from({ length: 20_000 }, (_, i) => i),
      same: Array.from({ length: 20_000 }, (_, i) => i),
    };
    expect(failureOf(() => resolve('$.big[?($.big == $.same)]', input)).error).toBe('States.Runtime');
  });

  it('a regular expression does not backtrack catastrophically', () => {
    expect(value('$[?(@ =~ /(a+)+b/)]', [`${'a'.repeat(5000)}c`])).toEqual([]);
  });

  it('deeply nested sources are refused, long ones are not', () => {
    expect(parsePath(`$[?(${'('.repeat(100_000)}`).ok).toBe(false);
    expect(parsePath(`$[?(${'!'.repeat(100_000)}@.a)]`).ok).toBe(true);
    expect(parsePath(`$[?(@ in ${'['.repeat(100_000)}`).ok).toBe(false);
    expect(resolve(`$${'.a'.repeat(100_000)}`, {}).found).toBe(false);
  });

  it('no source and no input makes anything else be thrown', () => {
    const piece = fc.constantFrom(
      '$',
      '$$',
      '.',
      '..',
      'a',
      '*',
      '[',
      ']',
      "'a'",
      '0',
      '-1',
      ':',
      ',',
      '?(',
      ')',
      '@',
      '==',
      '&&',
      '!',
      '=~',
      '/a/',
      ' ',
      'length()',
      '1',
      '"',
    );
    const source = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 15 }).map((pieces) => `$${pieces.join('')}`),
    );
    fc.assert(
      fc.property(source, fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>, (text, input) => {
        const parsed = parsePath(text);
        if (!parsed.ok) return;
        try {
          parsed.path.resolve(anEnvironment(input));
        } catch (error) {
          expect(error).toBeInstanceOf(StateFailure);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a quoted name finds any member', () => {
    const name = fc.string({ unit: 'binary' }).filter((text) => !/['\\]/.test(text));
    fc.assert(
      fc.property(name, fc.jsonValue() as fc.Arbitrary<Json>, (text, expected) => {
        expect(value(`$['${text}']`, Object.fromEntries([[text, expected]]))).toBe(expected);
      }),
    );
  });
});
