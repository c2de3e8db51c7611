/** A regular expression as a tree. Only what can be matched in linear time has a place in it. */
export type RegexNode =
  /** One UTF-16 unit that matches `source`: a literal, `.`, `\d`, `[a-z]`. */
  | { readonly kind: 'unit'; readonly source: string }
  | { readonly kind: 'sequence'; readonly nodes: readonly RegexNode[] }
  | { readonly kind: 'alternatives'; readonly nodes: readonly RegexNode[] }
  | { readonly kind: 'group'; readonly index: number; readonly body: RegexNode }
  | {
      readonly kind: 'repeat';
      readonly body: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    }
  | { readonly kind: 'assertion'; readonly source: '^' | '$' | '\\b' | '\\B' }
  | { readonly kind: 'lookahead'; readonly negative: boolean; readonly body: RegexNode };

export interface RegexSyntax {
  readonly root: RegexNode;
  /** Number of capturing groups. */
  readonly groups: number;
}

const QUANTIFIER = /[*+?]|\{(\d+)(,(\d*))?\}/y;
const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[A-Za-z]|.)/sy;
const CLASS = /\[(?:\\.|[^\]\\])*\]/sy;
const GROUP = /\((?:\?(?:<([A-Za-z_$][\w$]*)>|:|=|!))?/y;
const NESTING_MAX = 200;

/**
 * Parses a pattern that JavaScript itself has accepted.
 * @throws SyntaxError for what cannot be matched in linear time: back-references, lookbehinds
 */
export function parseRegex(pattern: string): RegexSyntax {
  return new RegexParser(pattern).parse();
}

class RegexParser {
  readonly #pattern: string;
  #at = 0;
  #groups = 0;
  #nesting = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  parse(): RegexSyntax {
    const root = this.#alternatives();
    return { root, groups: this.#groups };
  }

  #alternatives(): RegexNode {
    if (++this.#nesting > NESTING_MAX) throw new SyntaxError('Regular expression is nested too deeply');
    const nodes = [this.#sequence()];
    while (this.#pattern[this.#at] === '|') {
      this.#at++;
      nodes.push(this.#sequence());
    }
    this.#nesting--;
    return nodes.length === 1 ? (nodes[0] as RegexNode) : { kind: 'alternatives', nodes };
  }

  #sequence(): RegexNode {
    const nodes: RegexNode[] = [];
    for (
      let next = this.#pattern[this.#at];
      next !== undefined && next !== '|' && next !== ')';
      next = this.#pattern[this.#at]
    ) {
      nodes.push(this.#quantified());
    }
    return { kind: 'sequence', nodes };
  }

  #quantified(): RegexNode {
    const body = this.#atom();
    const match = this.#take(QUANTIFIER);
    if (!match) return body;
    const greedy = this.#pattern[this.#at] !== '?';
    if (!greedy) this.#at++;
    return { kind: 'repeat', body, ...bounds(match), greedy };
  }

  #atom(): RegexNode {
    const next = this.#pattern[this.#at] as string;
    if (next === '(') return this.#group();
    if (next === '\\') return this.#escape();
    if (next === '[') return { kind: 'unit', source: (this.#take(CLASS) as RegExpExecArray)[0] };
    this.#at++;
    if (next === '^' || next === '$') return { kind: 'assertion', source: next };
    return { kind: 'unit', source: '{}]'.includes(next) ? `\\${next}` : next };
  }

  #group(): RegexNode {
    const [opening, name] = this.#take(GROUP) as RegExpExecArray;
    if (opening === '(' && this.#pattern[this.#at] === '?') {
      throw new SyntaxError('Lookbehinds and inline flags are not supported in regular expressions');
    }
    const index = opening === '(' || name !== undefined ? ++this.#groups : undefined;
    const body = this.#alternatives();
    this.#at++;
    if (index !== undefined) return { kind: 'group', index, body };
    return opening === '(?:' ? body : { kind: 'lookahead', negative: opening === '(?!', body };
  }

  #escape(): RegexNode {
    const [source] = this.#take(ESCAPE) as RegExpExecArray;
    if (source === '\\b' || source === '\\B') return { kind: 'assertion', source };
    if (/^\\[1-9k]/.test(source))
      throw new SyntaxError('Back-references are not supported in regular expressions');
    return { kind: 'unit', source };
  }

  #take(part: RegExp): RegExpExecArray | null {
    part.lastIndex = this.#at;
    const match = part.exec(this.#pattern);
    if (match) this.#at = part.lastIndex;
    return match;
  }
}

function bounds([symbol, min, comma, max]: RegExpExecArray): { min: number; max: number } {
  if (symbol === '*') return { min: 0, max: Number.POSITIVE_INFINITY };
  if (symbol === '+') return { min: 1, max: Number.POSITIVE_INFINITY };
  if (symbol === '?') return { min: 0, max: 1 };
  const least = Number(min);
  if (comma === undefined) return { min: least, max: least };
  return { min: least, max: max === '' ? Number.POSITIVE_INFINITY : Number(max) };
}
