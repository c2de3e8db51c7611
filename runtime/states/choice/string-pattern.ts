/**
 * StringMatches: `*` stands for any run of characters; a backslash makes the `*` or backslash behind it literal.
 * @see https://states-language.net/spec.html#choice-state
 */
export class StringPattern {
  /** What stands before the first star; the whole pattern when it has none. */
  readonly #head: string;
  /** What stands between two stars, in order. */
  readonly #middle: readonly Needle[];
  /** What stands behind the last star; undefined: no star. */
  readonly #tail: string | undefined;

  constructor(pattern: string) {
    const [head = '', ...rest] = splitAtStars(pattern);
    this.#head = head;
    this.#tail = rest.pop();
    this.#middle = rest.filter((literal) => literal !== '').map((literal) => new Needle(literal));
  }

  /** Time is linear in the text, whatever the pattern: the leftmost place for each literal is always right. */
  matches(text: string): boolean {
    if (this.#tail === undefined) return text === this.#head;
    const end = text.length - this.#tail.length;
    if (end < this.#head.length || !text.startsWith(this.#head) || !text.endsWith(this.#tail)) return false;
    let at = this.#head.length;
    for (const literal of this.#middle) {
      at = literal.endIn(text, at, end);
      if (at < 0) return false;
    }
    return true;
  }
}

function splitAtStars(pattern: string): string[] {
  const literals = [''];
  for (const [piece] of pattern.matchAll(/\\[*\\]|\*|[^*\\]+|\\/g)) {
    if (piece === '*') literals.push('');
    else literals[literals.length - 1] += /^\\[*\\]$/.test(piece) ? piece.slice(1) : piece;
  }
  return literals;
}

/**
 * A literal to search for by Knuth, Morris and Pratt's method. `String.indexOf` takes quadratic time on texts
 * made for that, and definitions and data are untrusted.
 */
class Needle {
  readonly #literal: string;
  /** For each prefix of the literal: the length of its longest proper border. */
  readonly #borders: Int32Array;

  constructor(literal: string) {
    this.#literal = literal;
    this.#borders = new Int32Array(literal.length + 1);
    for (let i = 1, matched = 0; i < literal.length; i++) {
      matched = this.#extend(matched, literal.charCodeAt(i));
      this.#borders[i + 1] = matched;
    }
  }

  /** Where the first occurrence within `[from, to)` ends; -1: there is none. */
  endIn(text: string, from: number, to: number): number {
    for (let i = from, matched = 0; i < to; i++) {
      matched = this.#extend(matched, text.charCodeAt(i));
      if (matched === this.#literal.length) return i + 1;
    }
    return -1;
  }

  /** The longest prefix of the literal that ends with this character, `matched` characters of it being in place. */
  #extend(matched: number, code: number): number {
    let length = matched;
    while (length > 0 && this.#literal.charCodeAt(length) !== code) length = this.#borders[length] as number;
    return this.#literal.charCodeAt(length) === code ? length + 1 : length;
  }
}
