import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { jsonOfYaml } from '../../cli/yaml.ts';

test('any JSON, written as YAML, is read as what it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json: unknown = JSON.parse(jsonOfYaml(stringify(value), 'file'));
      expect(json).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('anchors and merge keys are resolved', () => {
  const yaml = [
    'Retries: &often { MaxAttempts: 9, BackoffRate: 2 }',
    'Retry:',
    '  - <<: *often',
    '    BackoffRate: 1.5',
  ];
  expect(JSON.parse(jsonOfYaml(yaml.join('\n'), 'file'))).toEqual({
    Retries: { MaxAttempts: 9, BackoffRate: 2 },
    Retry: [{ MaxAttempts: 9, BackoffRate: 1.5 }],
  });
});

test('only what looks like a number is one', () => {
  const yaml = 'on: Yes\nVersion: 2012-10-17\nat: 12:30\nzip: 0o17\nnone: ~\n200: ok\n';
  expect(JSON.parse(jsonOfYaml(yaml, 'file'))).toEqual({
    on: 'Yes',
    Version: '2012-10-17',
    at: '12:30',
    zip: 15,
    none: null,
    '200': 'ok',
  });
});

test('integers keep their digits', () => {
  const yaml =
    'id: 9007199254740993\nmost: 9223372036854775807\nhex: 0x20000000000001\nten: 10\n1234567890123456789: key\n';
  expect(jsonOfYaml(yaml, 'file').replace(/\s/g, '')).toBe(
    '{"id":9007199254740993,"most":9223372036854775807,"hex":9007199254740993,"ten":10,"1234567890123456789":"key"}',
  );
});

const laughs = (of: string): string => `[${Array.from({ length: 9 }, () => `*${of}`).join(', ')}]`;

test.each([
  ['a tag', 'a: 1\nb: !GetAtt c\n', 'Unresolved tag: !GetAtt at line 2, column 4'],
  ['bytes', 'a: !!binary aGk=\n', 'JSON has no tag:yaml.org,2002:binary at line 1, column 13'],
  ['what is no number', 'a:\n  - .nan\n', 'JSON has no .nan at line 2, column 5'],
  ['a key that is no text', '? [a]\n: 1\n', 'expected a text as key at line 1, column 3'],
  ['a key that is nothing', '~: 1\n', 'expected a text as key at line 1, column 1'],
  ['a key that comes twice', 'a: 1\na: 2\n', 'Map keys must be unique at line 2, column 1'],
  ['several documents', 'a: 1\n---\nb: 2\n', 'expected one document'],
  ['an alias without its anchor', 'a: *b\n', 'Unresolved alias (the anchor must be set before the alias): b'],
  ['an indent of tabs', '\ta: 1\n', 'Tabs are not allowed as indentation at line 1, column 1'],
  [
    'aliases that grow without bounds',
    `a: &a [b, c]\nb: &b ${laughs('a')}\nc: &c ${laughs('b')}\nd: ${laughs('c')}\n`,
    'Excessive alias count indicates a resource exhaustion attack',
  ],
])('refuses %s', (_what, yaml, message) => {
  expect(() => jsonOfYaml(yaml, 'file')).toThrow(expect.objectContaining({ message: `file: ${message}` }));
});
