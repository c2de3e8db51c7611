import { expect, test } from 'vitest';
import { spanIdOf } from '../../../runtime/index.ts';

const ONE = 'arn:aws:states:us-east-1:000000000000:execution:machine:one';
const TWO = 'arn:aws:states:us-east-1:000000000000:execution:machine:two';

test('span ids are well-formed, differ within an execution and between two, and depend on nothing else', () => {
  const numbers = Array.from({ length: 5000 }, (_, n) => [n % 500, Math.floor(n / 500) - 1] as const);
  const ids = numbers.map(([eventId, distinction]) => spanIdOf(ONE, eventId, distinction));
  const others = numbers.map(([eventId, distinction]) => spanIdOf(TWO, eventId, distinction));
  expect(new Set([...ids, ...others]).size).toBe(2 * numbers.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  // In turns, and another way round.
  for (const [n, [eventId, distinction]] of [...numbers.entries()].toReversed()) {
    expect(spanIdOf(TWO, eventId, distinction)).toBe(others[n]);
    expect(spanIdOf(ONE, eventId, distinction)).toBe(ids[n]);
  }
});

test('neighbours have nothing in common', () => {
  const bits = (id: string) => BigInt(`0x${id}`);
  const distances = Array.from({ length: 1000 }, (_, n) => {
    const difference = bits(spanIdOf(ONE, n)) ^ bits(spanIdOf(ONE, n + 1));
    return difference.toString(2).replaceAll('0', '').length;
  });
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  expect(mean).toBeGreaterThan(29);
  expect(mean).toBeLessThan(35);
});
