import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Payload } from '../../../runtime/data/payload.ts';
import { checkSize, checkVariables, exceedsBytes } from '../../../runtime/data/size.ts';
import { StateFailure } from '../../../runtime/failures/failure.ts';

const bytes = (text: string): number => new TextEncoder().encode(text).length;
/** One, two, three and four bytes of UTF-8. */
const CHARACTERS = ['a', 'é', '€', '😀'];

function failure(check: () => unknown): unknown {
  try {
    check();
  } catch (thrown) {
    if (thrown instanceof StateFailure) return thrown.error;
    throw thrown;
  }
  return undefined;
}

test('sizes are bytes of UTF-8', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.integer({ min: -3, max: 3 }),
      (text, off) => {
        const limit = Math.max(0, bytes(text) + off);
        expect(exceedsBytes(text, limit)).toBe(bytes(text) > limit);
      },
    ),
  );
});

describe.each(CHARACTERS)('data of the character %s', (character) => {
  test.each([10, 1000, 262_144, 1_000_000])('may have %d bytes and not one more', (limit) => {
    const count = Math.floor((limit - 2) / bytes(character));
    const padding = 'x'.repeat(limit - 2 - count * bytes(character));
    const full = padding + character.repeat(count);
    expect(bytes(JSON.stringify(full))).toBe(limit);
    const payload = Payload.fromValue(full);
    expect(checkSize(payload, limit, 'S')).toBe(payload);
    // Looked at before with a higher limit or not: the answer is the same.
    expect(failure(() => checkSize(payload, limit - 1, 'S'))).toBe('States.DataLimitExceeded');
    expect(failure(() => checkSize(Payload.fromValue(`${full}x`), limit, 'S'))).toBe(
      'States.DataLimitExceeded',
    );
  });

  test('in variables: each, all of one Assign, and all of the execution have their limit', () => {
    const limit = 1000;
    const sized = (size: number): Payload => {
      const count = Math.floor((size - 2) / bytes(character));
      return Payload.fromValue('x'.repeat(size - 2 - count * bytes(character)) + character.repeat(count));
    };
    const check = (assigned: number[], kept: number[]) =>
      failure(() => checkVariables(assigned.map(sized), kept.map(sized), limit, 'S'));
    const exceeded = 'States.DataLimitExceeded';
    expect(check([limit], [])).toBeUndefined();
    expect(check([limit + 1], [])).toBe(exceeded);
    expect(check([400, 600], [])).toBeUndefined();
    expect(check([400, 601], [])).toBe(exceeded);
    const most = Array<number>(39).fill(limit);
    expect(check([limit], most)).toBeUndefined();
    expect(check([limit - 5], [...most, 6])).toBe(exceeded);
  });
});
