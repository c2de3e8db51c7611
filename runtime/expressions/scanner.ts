/** A position in the source of a path or an intrinsic function call. */
export class Scanner {
  readonly source: string;
  at: number;

  constructor(source: string, at: number) {
    this.source = source;
    this.at = at;
  }

  get next(): string | undefined {
    return this.source[this.at];
  }

  get atEnd(): boolean {
    return this.at >= this.source.length;
  }

  /** Steps over `text` if it is next. */
  take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw new ExpressionSyntaxError(`expected '${text}' at position ${this.at}`);
  }

  /** Steps over what the (sticky) expression matches. */
  match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.source)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  blanks(): void {
    while (this.next === ' ' || this.next === '\t' || this.next === '\n' || this.next === '\r') this.at++;
  }

  /** A text in single or double quotes. A backslash hides the closing quote, and is kept before anything else. */
  quoted(): string {
    const quote = this.next;
    if (quote !== "'" && quote !== '"')
      throw new ExpressionSyntaxError(`expected a quote at position ${this.at}`);
    const start = ++this.at;
    let escaped = false;
    for (; this.next !== quote; this.at++) {
      if (this.atEnd) throw new ExpressionSyntaxError('a quoted text does not end');
      if (this.next !== '\\') continue;
      escaped = true;
      this.at++;
    }
    const text = this.source.slice(start, this.at++);
    return escaped ? text.replaceAll(`\\${quote}`, quote) : text;
  }
}

/** Thrown inside the parsers of this folder; their doors turn it into a result. */
export class ExpressionSyntaxError extends Error {}
