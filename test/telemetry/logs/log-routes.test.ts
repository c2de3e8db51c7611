import { expect, test } from 'vitest';
import { readLogRoutes, routeOf } from '../../../telemetry/logs/log-routes.ts';

test('rules name log groups and where their records go', () => {
  expect(readLogRoutes('/payments/*=cloudwatch+stdout, noise = none ,postgres')).toEqual([
    { pattern: '/payments/*', destinations: ['cloudwatch', 'stdout'] },
    { pattern: 'noise', destinations: [] },
    { pattern: '*', destinations: ['postgres'] },
  ]);
  expect(readLogRoutes('')).toEqual([]);
});

test.each([
  ['a=kafka', /"a=kafka"/],
  ['=stdout', /before the =/],
  ['a=', /"a="/],
  ['none+stdout', /expected none, or postgres, cloudwatch, otel, stdout/],
  ['a=otel+otel', /"a=otel\+otel"/],
])('%s is refused', (text, message) => {
  expect(() => readLogRoutes(text)).toThrow(message);
});

test('the first rule that fits is taken', () => {
  const routes = readLogRoutes('/a/b=otel,/a/*=stdout,*x*y=cloudwatch');
  const destinationsOf = (name: string) => routeOf(routes, name)?.destinations;
  expect(destinationsOf('/a/b')).toEqual(['otel']);
  expect(destinationsOf('/a/bc')).toEqual(['stdout']);
  expect(destinationsOf('/a')).toBeUndefined();
  expect(destinationsOf('1x2xy3y')).toEqual(['cloudwatch']);
  expect(destinationsOf('y1x')).toBeUndefined();
  expect(destinationsOf('xy')).toEqual(['cloudwatch']);
});

test.each([
  ['aba', 'ab*ba', false],
  ['abba', 'ab*ba', true],
  ['', '*', true],
  ['anything', '**', true],
  ['a.b', 'a?b', false],
])('%s fits %s: %s', (name, pattern, expected) => {
  expect(routeOf([{ pattern }], name) !== undefined).toBe(expected);
});
