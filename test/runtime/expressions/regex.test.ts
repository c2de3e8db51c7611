import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../runtime/expressions/budget.ts';
import { checkRegex, LinearRegex, matchesWhole } from '../../../runtime/expressions/regex/linear-regex.ts';

interface Match {
  readonly index: number;
  readonly groups: readonly (string | undefined)[];
}

/** All matches, one after the other. */
function matches(
  engine: { lastIndex: number; exec(text: string): RegExpExecArray | null },
  text: string,
): Match[] {
  const found: Match[] = [];
  for (let match = engine.exec(text); match && found.length < 50; match = engine.exec(text)) {
    found.push({ index: match.index, groups: [...match] });
    if (match[0] === '') engine.lastIndex++;
  }
  return found;
}

function expectSame(pattern: string, flags: string, text: string): void {
  const ours = matches(new LinearRegex(new RegExp(pattern, `${flags}g`)), text);
  expect(ours).toEqual(matches(new RegExp(pattern, `${flags}g`), text));
}

describe('a linear regular expression', () => {
  it.each([
    ['abc', '', 'xabcabc'],
    ['a|ab', '', 'abab'],
    ['(a|ab)(c|bcd)', '', 'abcd'],
    ['a*', '', 'baaac'],
    ['a*?b', '', 'aaabab'],
    ['(a+)(a+)', '', 'aaaa'],
    ['(a+?)(a+)', '', 'aaaa'],
    ['a{2}', '', 'aaaaa'],
    ['a{2,}', '', 'aaaaa'],
    ['a{2,3}', '', 'aaaaaaa'],
    ['a{2,3}?', '', 'aaaaaaa'],
    ['a{0}b', '', 'ab'],
    ['x{,2}', '', 'x{,2}'],
    ['a{b', '', 'a{b'],
    ['[a-c\\]]+', '', 'abc]d'],
    ['[^a-c]+', '', 'abcxyz'],
    ['[.*+]', '', 'a.*'],
    ['\\d+-\\w+', '', '12-ab 3-c'],
    ['\\s\\S', '', 'a b\tc'],
    ['.', '', 'a\nb'],
    ['.', 's', 'a\nb'],
    ['^b', '', 'a\nb'],
    ['^b$', 'm', 'a\nb\nc'],
    ['a$', '', 'ba'],
    ['\\bfoo\\b', '', 'foo foobar foo'],
    ['\\Boo', '', 'foo oo'],
    ['HeLLo', 'i', 'hello HELLO'],
    ['[A-C]+', 'i', 'abcd'],
    ['(?:ab)+', '', 'ababab'],
    ['(?<year>\\d{4})-(?<month>\\d\\d)', '', '2024-01'],
    ['(a)|(b)', '', 'ab'],
    ['((a)b)?c', '', 'abcc'],
    ['\\x41\\u0042\\t\\.\\/', '', 'AB\t./'],
    ['\\$\\^\\[', '', '$^['],
    ['foo(?=bar)', '', 'foobar foobaz'],
    ['foo(?!bar)', '', 'foobar foobaz'],
    ['(?=(a+))a', '', 'aaa'],
    ['\\B(?=(\\d{3})+(?!\\d))', '', '1234567'],
    ['^(?=.*\\d)(?=.*[a-z]).{4,}$', '', 'abc1'],
    ['[\\s\\S]*?end', '', 'x end y end'],
    ['', '', 'ab'],
    ['a||b', '', 'cab'],
    ['ß', 'i', 'ẞß'],
    ['😀', '', 'a😀'],
  ])('/%s/%s finds in %j what RegExp finds', (pattern, flags, text) => {
    expectSame(pattern, flags, text);
  });

  it('finds what RegExp finds, for any pattern and text', () => {
    const { regex } = fc.letrec<{ regex: string }>((tie) => ({
      regex: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('a', 'b', 'ab', '.', '[ab]', '[^a]', '^', '$', '\\b'),
        fc.array(tie('regex'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
        fc.tuple(tie('regex'), tie('regex')).map(([left, right]) => `(?:${left}|${right})`),
        fc
          .tuple(
            fc.constantFrom('a', 'b', '[ab]', '(?:ab)', '(?:a|b)'),
            fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '*?', '+?', '??'),
          )
          .map((parts) => parts.join('')),
        tie('regex').map((body) => `(${body})`),
        tie('regex').map((body) => `(?=${body})`),
        tie('regex').map((body) => `(?!${body})`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 12 });
    fc.assert(
      fc.property(regex, text, (pattern, subject) => expectSame(pattern, '', subject)),
      { numRuns: 3000 },
    );
  });

  it.each([
    '(a+)+b',
    '(a*)*b',
    '(a|a)*b',
    '(a|aa)+b',
    '(.*)*x',
    '(?:a?){30}a{30}b',
    '(\\w+\\s?)+$x',
    'a+a+a+a+a+b',
  ])('/%s/ ends on a text that RegExp would not', (pattern) => {
    expect(new LinearRegex(new RegExp(pattern)).exec('a'.repeat(20_000))).toBeNull();
  });

  it('does not start over for each match of a long text', () => {
    const engine = new LinearRegex(/a|b+c/g);
    const text = 'ab'.repeat(50_000);
    let count = 0;
    while (engine.exec(text)) count++;
    expect(count).toBe(50_000);
  });

  it('gives up on lookaheads that take too long, and says so', () => {
    const engine = new LinearRegex(/(?=(?:a|a)*b)c/);
    expect(() => engine.exec('a'.repeat(50_000))).toThrow(/takes too many steps/);
  });

  it.each([
    '(a)\\1',
    '(?<x>a)\\k<x>',
    '(?<=a)b',
    '(?<!a)b',
    '(?:a{100}){100}',
    '('.repeat(300) + ')'.repeat(300),
  ])('refuses %s', (pattern) => {
    expect(() => checkRegex(new RegExp(pattern))).toThrow(SyntaxError);
  });

  it('never throws anything else, whatever JavaScript takes for a pattern', () => {
    const source = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(...'()[]{}*+?|^$.\\-,:=!<>ab01dwB'), maxLength: 12 }),
    );
    fc.assert(
      fc.property(source, fc.string({ maxLength: 10 }), (pattern, text) => {
        let regex: RegExp;
        try {
          regex = new RegExp(pattern);
        } catch {
          return;
        }
        try {
          new LinearRegex(regex).exec(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('matching a whole text', () => {
  const whole = (regex: RegExp, text: string): boolean =>
    matchesWhole(regex, text, new Budget(1e6, () => new Error('spent')));

  it.each([
    [/a/, 'a', true],
    [/a/, 'ab', false],
    [/a|ab/, 'ab', true],
    [/a*?/, 'aaa', true],
    [/.*rees/i, 'Nigel Rees', true],
    [/rees/i, 'Nigel Rees', false],
    [/(a|b)*c?/, 'abab', true],
    [/$/, '', true],
  ])('%s, %j: %s', (regex, text, expected) => {
    expect(whole(regex, text)).toBe(expected);
  });

  it('agrees with RegExp', () => {
    const pattern = fc.constantFrom('a|ab|abc', '(a|b)*', 'a+b+', '(?:ab?){1,3}', '[ab]*?c', '(a*)(ab)*(b*)');
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }),
        (source, text) => {
          expect(whole(new RegExp(source), text)).toBe(new RegExp(`^(?:${source})$`).test(text));
        },
      ),
    );
  });

  it('spends its budget', () => {
    expect(() =>
      matchesWhole(/(a|b)*c/, 'ab'.repeat(1000), new Budget(1000, () => new Error('spent'))),
    ).toThrow('spent');
  });
});
