/**
 * Says what is wrong with a text that is not JSON, in the words of Jackson, the parser behind AWS's API. It runs
 * only once parseJson has refused the text.
 * @see https://github.com/FasterXML/jackson-core
 */

export interface JsonSyntaxFault {
  /** `Unexpected character ('}' (code 125)): was expecting double-quote to start field name`. */
  readonly message: string;
  /** `[Source: (String)"{,}"; line: 1, column: 3]`. */
  readonly location: string;
}

/** How a location names the text: AWS quotes a definition, and hides data. */
type SourceShown = (text: string) => string;

/** @returns the beginning of the text, as Jackson quotes it */
const quotedSource: SourceShown = (text) => {
  const cut = text.length - SOURCE_SHOWN_MAX;
  const truncated = cut > 0 ? `[truncated ${cut} chars]` : '';
  return `(String)"${text.slice(0, SOURCE_SHOWN_MAX)}"${truncated}`;
};

export const redactedSource: SourceShown = () =>
  'REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)';

/** Finds the first fault. @returns undefined when the text is JSON after all */
export function describeJsonFault(
  text: string,
  sourceShown: SourceShown = quotedSource,
): JsonSyntaxFault | undefined {
  try {
    new Scanner(text, sourceShown).document();
    return undefined;
  } catch (fault) {
    if (fault instanceof Found) return fault.fault;
    throw fault;
  }
}

/** Jackson shows no more of a text than this. */
const SOURCE_SHOWN_MAX = 500;
const ANY_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const BLANK = /[ \t\r\n]*/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w$])/y;
const WORD = /[\p{ID_Continue}$]+/uy;
/** All but quote, backslash and control characters. */
const PLAIN_CHARACTERS = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Ends the scan at the first fault; never leaves this file. */
class Found {
  readonly fault: JsonSyntaxFault;

  constructor(fault: JsonSyntaxFault) {
    this.fault = fault;
  }
}

interface Container {
  readonly kind: 'Object' | 'Array';
  readonly start: number;
  hasEntries: boolean;
}

class Scanner {
  readonly #text: string;
  readonly #sourceShown: SourceShown;
  /** Open containers, the innermost last: nesting costs no stack. */
  readonly #open: Container[] = [];
  #at = 0;

  constructor(text: string, sourceShown: SourceShown) {
    this.#text = text;
    this.#sourceShown = sourceShown;
  }

  /** One value, and nothing behind it. */
  document(): void {
    this.#value();
    for (let inside = this.#open.at(-1); inside; inside = this.#open.at(-1)) {
      if (!this.#closes(inside)) this.#entry(inside);
    }
    const rest = this.#peek();
    if (rest !== undefined) this.#unexpected(rest, 'was expecting the end of the text');
  }

  #value(): void {
    const next = this.#peek();
    if (next === undefined) this.#end();
    else if (next === '{' || next === '[') {
      this.#open.push({ kind: next === '{' ? 'Object' : 'Array', start: this.#at++, hasEntries: false });
    } else if (next === '"') {
      this.#at++;
      this.#string('for a string value');
    } else if (this.#take(SCALAR) === '') this.#unexpectedWord(next);
  }

  #entry(container: Container): void {
    const { kind } = container;
    if (container.hasEntries) this.#expect(',', `was expecting comma to separate ${kind} entries`);
    container.hasEntries = true;
    if (kind === 'Object') {
      this.#expect('"', 'was expecting double-quote to start field name');
      this.#string('in field name');
      this.#expect(':', 'was expecting a colon to separate field name and value');
    }
    this.#value();
  }

  #closes({ kind, start }: Container): boolean {
    const next = this.#peek();
    if (next !== '}' && next !== ']') return false;
    const expected = kind === 'Object' ? '}' : ']';
    this.#at++;
    if (next !== expected)
      this.#fail(
        `Unexpected close marker '${next}': expected '${expected}' (for ${kind} starting at ${this.#location(start)})`,
      );
    this.#open.pop();
    return true;
  }

  /** The rest of a string, its opening quote taken. */
  #string(where: string): void {
    do this.#take(PLAIN_CHARACTERS);
    while (this.#take(ESCAPE) !== '');
    const next = this.#text[this.#at] ?? '';
    if (next === '' || (next === '\\' && this.#at + 1 === this.#text.length))
      this.#fail(`Unexpected end-of-input: was expecting closing quote ${where}`);
    this.#at++;
    if (next === '"') return;
    if (next === '\\') this.#fail(`Unrecognized character escape ${named(this.#text[this.#at++] ?? '')}`);
    this.#fail(
      `Illegal unquoted character ((CTRL-CHAR, code ${next.charCodeAt(0)})): has to be escaped using backslash to be included in string value`,
    );
  }

  /** Takes this character. */
  #expect(character: string, expected: string): void {
    const next = this.#peek();
    if (next === undefined) this.#end();
    else if (next !== character) this.#unexpected(next, expected);
    this.#at++;
  }

  #unexpectedWord(next: string): never {
    const word = this.#take(WORD);
    if (word === '') return this.#unexpected(next, `expected a valid value ${ANY_VALUE}`);
    return this.#fail(`Unrecognized token '${word}': was expecting ${ANY_VALUE}`);
  }

  #unexpected(character: string, expected: string): never {
    this.#at++;
    return this.#fail(`Unexpected character (${named(character)}): ${expected}`);
  }

  #end(): never {
    const inside = this.#open.at(-1);
    if (!inside) return this.#fail('No content to map due to end-of-input');
    const start = this.#location(inside.start);
    return this.#fail(
      `Unexpected end-of-input: expected close marker for ${inside.kind} (start marker at ${start})`,
    );
  }

  /** The next character that is no blank. */
  #peek(): string | undefined {
    this.#take(BLANK);
    return this.#text[this.#at];
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += taken.length;
    return taken;
  }

  #fail(message: string): never {
    throw new Found({ message, location: this.#location(this.#at) });
  }

  /** @param at characters read so far; Jackson counts columns from 1 and names the one behind them */
  #location(at: number): string {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    return `[Source: ${this.#sourceShown(this.#text)}; line: ${line}, column: ${column}]`;
  }
}

function named(character: string): string {
  return `'${character}' (code ${character.charCodeAt(0)})`;
}
