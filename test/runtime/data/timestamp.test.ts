import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseInstant, parseTimestamp } from '../../../runtime/data/timestamp.ts';

it.each([
  ['1970-01-01T00:00:00Z', 0],
  ['2016-03-14T01:59:00Z', Date.UTC(2016, 2, 14, 1, 59)],
  ['2016-03-14T01:59:00+02:00', Date.UTC(2016, 2, 13, 23, 59)],
  ['2016-03-14T01:59:00-05:30', Date.UTC(2016, 2, 14, 7, 29)],
  ['2016-03-05T21:29:29.243167252Z', Date.UTC(2016, 2, 5, 21, 29, 29, 243)],
  ['2016-02-29T00:00:00.5Z', Date.UTC(2016, 1, 29, 0, 0, 0, 500)],
  ['1969-12-31T23:59:59.999Z', -1],
  ['0099-01-01T00:00:00Z', Date.parse('0099-01-01T00:00:00Z')],
])('%s', (text, ms) => {
  expect(parseTimestamp(text)).toBe(ms);
});

it.each([
  '05-12-2016T21:29:29Z',
  '2016-12-05T21:29:29',
  '2016-12-05 21:29:29Z',
  '2016-13-05T21:29:29Z',
  '2016-12-05T25:29:29Z',
  '2016-12-05T24:00:00Z',
  '2016-12-05T21:60:29Z',
  '2016-12-05T21:29:60Z',
  '2015-02-29T00:00:00Z',
  '2016-04-31T00:00:00Z',
  '2016-00-01T00:00:00Z',
  '2016-12-05t21:29:29Z',
  '2016-12-05T21:29:29z',
  '2016-12-05T21:29:29.Z',
  '2016-12-05T21:29:29.1234567890Z',
  '2016-12-05T21:29:29+19:00',
  '2016-12-05T21:29:29+01:60',
  '2016-12-05T21:29Z',
  ' 2016-12-05T21:29:29Z',
  '2016-12-05T21:29:29Z\n',
  '',
])('%j is no timestamp', (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
  expect(parseInstant(text)).toBeUndefined();
});

it('tells nanoseconds apart, before 1970 too', () => {
  const at = (text: string): bigint => parseInstant(text) as bigint;
  expect(at('2016-03-05T21:29:29.000000002Z') - at('2016-03-05T21:29:29.000000001Z')).toBe(1n);
  expect(at('1960-01-01T00:00:00.000000002Z') - at('1960-01-01T00:00:00.000000001Z')).toBe(1n);
});

it('reads what Date writes', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(parseTimestamp(date.toISOString())).toBe(date.getTime());
    }),
  );
});
