import type { Moment } from '../runtime/index.ts';

/** Four words make a seed. Drawing many at a time costs a tenth of asking for each one. */
const words = new Uint32Array(4 * 1024);
let used = words.length;

const NONE: ReadonlySet<string> = new Set();

/** A transition's moment, with randomness of its own. @param time ms since 1970 */
export function drawMoment(time: number, missingActivities = NONE): Moment {
  return { time, seed: [drawWord(), drawWord(), drawWord(), drawWord()], missingActivities };
}

function drawWord(): number {
  if (used === words.length) {
    crypto.getRandomValues(words);
    used = 0;
  }
  return words[used++] ?? 0;
}
