import { randomBytes } from 'node:crypto';

/** Drawing many bytes at a time costs a tenth of asking for each few. */
const POOL_BYTES = 8192;

let pool = Buffer.alloc(0);
let used = 0;

/** Fresh bytes of the system's secure randomness, which nobody else is given. @param count up to 8192 */
export function drawBytes(count: number): Buffer {
  if (used + count > pool.length) {
    pool = randomBytes(POOL_BYTES); // a new one: bytes that were given out stay as they are
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}
