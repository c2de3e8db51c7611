import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Alarms } from '../../worker/alarms.ts';
import { ManualClock } from './manual-clock.ts';

function alarms() {
  const clock = new ManualClock();
  const rung: string[] = [];
  return {
    clock,
    rung,
    alarms: new Alarms<string>(
      clock,
      () => clock.monotonic(),
      (owner) => rung.push(owner),
    ),
  };
}

test('rings owners in the order of their times, not before', () => {
  const { clock, rung, alarms: all } = alarms();
  all.set('late', 30);
  all.set('early', 10);
  all.set('middle', 20);
  clock.advance(9);
  expect(rung).toEqual([]);
  clock.advance(11);
  expect(rung).toEqual(['early', 'middle']);
  clock.advance(10);
  expect(rung).toEqual(['early', 'middle', 'late']);
});

test('an owner has one alarm, the one that was set last', () => {
  const { clock, rung, alarms: all } = alarms();
  all.set('a', 10);
  all.set('a', 50);
  all.set('b', 60);
  all.set('b', 20);
  clock.advance(40);
  expect(rung).toEqual(['b']);
  clock.advance(40);
  expect(rung).toEqual(['b', 'a']);
});

test('a cleared alarm does not ring, and no timer is left behind', () => {
  const { clock, rung, alarms: all } = alarms();
  all.set('a', 10);
  all.clear('a');
  expect(clock.timers).toBe(0);
  clock.advance(100);
  expect(rung).toEqual([]);
});

test('one timer serves any number of alarms', () => {
  const { clock, alarms: all } = alarms();
  for (let at = 1000; at > 0; at--) all.set(`owner ${at}`, at);
  expect(clock.timers).toBe(1);
});

test('an alarm is met though the time it is set in jumps forward', () => {
  const clock = new ManualClock();
  const rung: string[] = [];
  let offset = 0;
  const all = new Alarms<string>(
    clock,
    () => clock.monotonic() + offset,
    (owner) => rung.push(owner),
  );
  all.set('a', 3_600_000);
  offset = 3_600_000;
  clock.advance(1000);
  expect(rung).toEqual(['a']);
});

test('an owner may set its next alarm while it rings', () => {
  const clock = new ManualClock();
  const rung: number[] = [];
  const all: Alarms<string> = new Alarms(
    clock,
    () => clock.monotonic(),
    (owner) => {
      rung.push(clock.monotonic());
      if (rung.length < 3) all.set(owner, clock.monotonic() + 5);
    },
  );
  all.set('a', 5);
  clock.advance(100);
  expect(rung).toEqual([5, 10, 15]);
});

test('whatever is set and cleared, each owner rings exactly at its last time', () => {
  const change = fc.record({
    owner: fc.integer({ min: 0, max: 30 }).map(String),
    at: fc.option(fc.integer({ min: 1, max: 500 })),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3000 }), (changes) => {
      const clock = new ManualClock();
      const rung: [string, number][] = [];
      const all = new Alarms<string>(
        clock,
        () => clock.monotonic(),
        (owner) => rung.push([owner, clock.monotonic()]),
      );
      const expected = new Map<string, number>();
      for (const { owner, at } of changes) {
        if (at === null) {
          all.clear(owner);
          expected.delete(owner);
        } else {
          all.set(owner, at);
          expected.set(owner, at);
        }
      }
      clock.advance(1000);
      expect(new Map(rung)).toEqual(expected);
      expect(rung.length).toBe(expected.size);
      expect(rung.map(([, at]) => at)).toEqual(rung.map(([, at]) => at).toSorted((a, b) => a - b));
    }),
    { numRuns: 50 },
  );
});
