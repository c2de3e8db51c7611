import { expect, test } from 'vitest';
import { DatabaseTime } from '../../telemetry/database-time.ts';
import { ManualClock } from '../worker/manual-clock.ts';

test('goes on from the last answer, which holds for the middle of the way', () => {
  const clock = new ManualClock();
  const time = new DatabaseTime(clock);
  const askedAt = clock.monotonic();
  clock.advance(20);
  time.calibrate(1_000_000, askedAt);
  expect(time.now()).toBe(1_000_010);
  clock.advance(500.7);
  expect(time.now()).toBe(1_000_510);
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
