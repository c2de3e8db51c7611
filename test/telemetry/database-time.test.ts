import { expect, test } from 'vitest';
import { DatabaseTime } from '../../telemetry/database-time.ts';
import { ManualClock } from '../worker/manual-clock.ts';

test('goes on from the last answer, which holds from its arrival', () => {
  const clock = new ManualClock();
  const time = new DatabaseTime(clock);
  const askedAt = clock.monotonic();
  clock.advance(20);
  time.calibrate(1_000_000, askedAt);
  expect(time.now()).toBe(1_000_000);
  clock.advance(500.7);
  expect(time.now()).toBe(1_000_500);
});

test('a slow answer does not make it less precise', () => {
  const clock = new ManualClock();
  const time = new DatabaseTime(clock);
  time.calibrate(1_000_000, clock.monotonic());
  const askedAt = clock.monotonic();
  clock.advance(4000);
  // It was right when the question had just arrived, and when the answer left: nobody can tell.
  time.calibrate(1_000_100, askedAt);
  expect(time.now()).toBe(1_004_000);
});

test('an answer that was given later than thought possible moves it on', () => {
  const clock = new ManualClock();
  const time = new DatabaseTime(clock);
  const firstAskedAt = clock.monotonic();
  clock.advance(4000);
  time.calibrate(1_000_000, firstAskedAt);
  clock.advance(1000);
  time.calibrate(1_005_000, clock.monotonic());
  expect(time.now()).toBe(1_005_000);
});

test('takes over a time that was set anew', () => {
  const clock = new ManualClock();
  const time = new DatabaseTime(clock);
  time.calibrate(1000, clock.monotonic());
  time.calibrate(86_400_000, clock.monotonic());
  expect(time.now()).toBe(86_400_000);
});

test('does not guess before the database was asked', () => {
  expect(() => new DatabaseTime(new ManualClock()).now()).toThrow('has not been asked');
});
