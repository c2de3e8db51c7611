import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFunctionMap } from '../../../integrations/functions/function-map.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
const path = (name: string) => join(folder.path, name);
const write = (name: string, text = '') => writeFileSync(path(name), text);

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

describe('a folder', () => {
  test('each handler file is a function', () => {
    for (const name of [
      'charge.ts',
      'pack-item.js',
      'ship.mjs',
      'old.cjs',
      'charge.test.ts',
      'types.d.ts',
      '.env',
      'README.md',
    ])
      write(name);
    mkdirSync(path('lib.ts'));
    const map = readFunctionMap(folder.path);
    expect([...map.keys()].sort()).toEqual(['charge', 'old', 'pack-item', 'ship']);
    expect(map.get('charge')).toEqual({
      kind: 'handler',
      name: 'charge',
      file: path('charge.ts'),
      exportName: 'handler',
      timeoutSeconds: 30,
      memoryMb: 256,
    });
  });

  test('two files of one function', () => {
    write('charge.js');
    write('charge.ts');
    expect(() => readFunctionMap(folder.path)).toThrow('charge.js and charge.ts are both function charge');
  });
});

describe('a JSON file', () => {
  const read = (text: string) => {
    write('functions.json', text);
    return readFunctionMap(path('functions.json'));
  };

  test('handlers relative to the file, and URLs', () => {
    mkdirSync(path('src'));
    write('src/charge.mjs');
    const map = read(`{
      "charge": {"handler": "src/charge.handler", "timeoutSeconds": 5, "memoryMb": 512},
      "refund": {"handler": "./src/charge.refund.handler"},
      "absolute": {"handler": ${JSON.stringify(path('src/charge.handler'))}},
      "ship": {"url": "http://127.0.0.1:9000/ship"},
      "__proto__": {"url": "https://example.com"}
    }`);
    const file = path('src/charge.mjs');
    expect(map).toEqual(
      new Map<string, object>([
        [
          'charge',
          { kind: 'handler', name: 'charge', file, exportName: 'handler', timeoutSeconds: 5, memoryMb: 512 },
        ],
        [
          'refund',
          {
            kind: 'handler',
            name: 'refund',
            file,
            exportName: 'refund.handler',
            timeoutSeconds: 30,
            memoryMb: 256,
          },
        ],
        [
          'absolute',
          {
            kind: 'handler',
            name: 'absolute',
            file,
            exportName: 'handler',
            timeoutSeconds: 30,
            memoryMb: 256,
          },
        ],
        ['ship', { kind: 'url', name: 'ship', url: 'http://127.0.0.1:9000/ship', timeoutSeconds: 900 }],
        ['__proto__', { kind: 'url', name: '__proto__', url: 'https://example.com', timeoutSeconds: 900 }],
      ]),
    );
  });

  test.each([
    ['', 'functions.json: Unexpected end of JSON input'],
    ['[]', 'functions.json: expected an object with a member for each function'],
    ['null', 'functions.json: expected an object with a member for each function'],
    ['{"a b": {"url": "http://x"}}', 'functions.json: a b: expected a name'],
    ['{"charge": 1}', 'functions.json: charge: expected an object with a "handler" or a "url"'],
    ['{"charge": {}}', 'functions.json: charge: expected an object with a "handler" or a "url"'],
    [
      '{"charge": {"handler": 1}}',
      'functions.json: charge.handler: Invalid input: expected string, received number',
    ],
    [
      '{"charge": {"handler": "charge"}}',
      'functions.json: charge.handler: expected a module and its export such as src/charge.handler',
    ],
    ['{"charge": {"handler": "src/missing.handler"}}', 'functions.json: charge.handler: no file '],
    [
      '{"charge": {"handler": "c.h", "timeoutSeconds": 901}}',
      'functions.json: charge.timeoutSeconds: Too big: expected number to be <=900',
    ],
    [
      '{"charge": {"handler": "c.h", "timeoutSeconds": 0}}',
      'functions.json: charge.timeoutSeconds: Too small',
    ],
    [
      '{"charge": {"handler": "c.h", "memoryMb": 64}}',
      'functions.json: charge.memoryMb: Too small: expected number to be >=128',
    ],
    ['{"charge": {"handler": "c.h", "memory": 128}}', 'functions.json: charge: Unrecognized key: "memory"'],
    ['{"ship": {"url": "ftp://x"}}', 'functions.json: ship.url: Invalid URL'],
    ['{"ship": {"url": "http://x", "handler": "a.b"}}', 'functions.json: ship: Unrecognized key: "handler"'],
  ])('%s is refused', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

test('serverless.yml is refused by name', () => {
  write('serverless.yml');
  expect(() => readFunctionMap(path('serverless.yml'))).toThrow('serverless.yml is not supported yet');
});

test('a path that is not there', () => {
  expect(() => readFunctionMap(path('nowhere'))).toThrow(
    `Function map ${path('nowhere')}: no such file or folder`,
  );
});
