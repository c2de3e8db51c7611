/** Ways to split digits among components that a picture may leave open. */
const AMBIGUITY_MAX = 100_000;

/** Thrown for a picture that would take jsonata too long. */
class AmbiguousPicture {
  readonly message = 'The date/time picture string has too many components without a separator between them';
}

/**
 * jsonata makes a regular expression of a `$toMillis` picture. Components side by side, `[Y][M][D]`, are then
 * `([0-9]+)([0-9]+)([0-9]+)`, for which JavaScript tries every way to divide the digits: with enough of both it
 * would not end.
 * @throws AmbiguousPicture
 */
export function checkPicture(timestamp: string, picture: string): void {
  const ambiguity = adjacentComponents(picture)
    .map((components) => waysToSplit(timestamp.length, components))
    .reduce((product, ways) => product * ways, 1);
  if (ambiguity > AMBIGUITY_MAX) throw new AmbiguousPicture();
}

/** Numbers of components between one separator and the next. Letters and digits separate nothing. */
function adjacentComponents(picture: string): number[] {
  return picture
    .replace(/\[[^\]]*\]/g, '[')
    .split(/[^[\p{L}\p{N}]+/u)
    .map((run) => run.split('[').length - 1);
}

/** Binomial coefficient: ways to divide `length` characters among `parts`. */
function waysToSplit(length: number, parts: number): number {
  let ways = 1;
  for (let i = 1; i < parts && ways <= AMBIGUITY_MAX; i++) ways = (ways * Math.max(1, length - i)) / i;
  return ways;
}
