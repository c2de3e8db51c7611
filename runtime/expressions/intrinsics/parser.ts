import { type Json, parseJson } from '../../data/json.ts';
import { parsePathArgument } from '../jsonpath/parser.ts';
import type { PathSyntax } from '../jsonpath/syntax.ts';
import { ExpressionSyntaxError, Scanner } from '../scanner.ts';
import { intrinsicFunctions } from './functions.ts';
import type { IntrinsicFunction } from './intrinsic-function.ts';

/** An intrinsic function call as a tree. */
export interface CallSyntax {
  readonly kind: 'call';
  readonly name: string;
  readonly definition: IntrinsicFunction;
  readonly arguments: readonly ArgumentSyntax[];
}

export type ArgumentSyntax =
  | CallSyntax
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'path'; readonly source: string; readonly path: PathSyntax };

/** Calls inside calls, the outermost included. */
const NESTING_MAX = 10;

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const KEYWORD = /true|false|null/y;
const FUNCTION_NAME = /States\.\w+/y;

/** @throws ExpressionSyntaxError when the source is no intrinsic function call, or has an unknown name in it */
export function parseCall(source: string): CallSyntax {
  const scanner = new Scanner(source, 0);
  const call = new CallParser(scanner).call(1);
  if (!scanner.atEnd)
    throw new ExpressionSyntaxError(`unexpected text behind the call, at position ${scanner.at}`);
  return call;
}

class CallParser {
  readonly #scanner: Scanner;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  call(nesting: number): CallSyntax {
    if (nesting > NESTING_MAX) throw new ExpressionSyntaxError(`calls are nested deeper than ${NESTING_MAX}`);
    const name = this.#scanner.match(FUNCTION_NAME) ?? '';
    const definition = intrinsicFunctions.get(name);
    if (!definition) throw new ExpressionSyntaxError(`there is no intrinsic function '${name}'`);
    this.#scanner.expect('(');
    return { kind: 'call', name, definition, arguments: this.#arguments(name, nesting) };
  }

  #arguments(name: string, nesting: number): ArgumentSyntax[] {
    this.#scanner.blanks();
    if (this.#scanner.take(')')) return [];
    const found: ArgumentSyntax[] = [];
    for (;;) {
      const isTemplate = name === 'States.Format' && found.length === 0;
      this.#scanner.blanks();
      found.push(this.#argument(nesting, isTemplate));
      this.#scanner.blanks();
      if (this.#scanner.take(')')) return found;
      this.#scanner.expect(',');
    }
  }

  #argument(nesting: number, isTemplate: boolean): ArgumentSyntax {
    const { next, source, at } = this.#scanner;
    if (next === "'") return { kind: 'literal', value: this.#text(isTemplate) };
    if (next === 'S') return this.call(nesting + 1);
    if (next === '$') {
      const { path, end } = parsePathArgument(source, at);
      this.#scanner.at = end;
      return { kind: 'path', source: source.slice(at, end), path };
    }
    const word = this.#scanner.match(NUMBER) ?? this.#scanner.match(KEYWORD);
    if (word === undefined) throw new ExpressionSyntaxError(`expected an argument at position ${at}`);
    return { kind: 'literal', value: parseNumberOrKeyword(word) };
  }

  /** A text in single quotes. A template keeps its escapes but `\'`, for States.Format to read. */
  #text(isTemplate: boolean): string {
    this.#scanner.expect("'");
    let text = '';
    for (;;) {
      if (this.#scanner.atEnd) throw new ExpressionSyntaxError('a text does not end');
      if (this.#scanner.take("'")) return text;
      if (this.#scanner.take('\\')) {
        const escaped = this.#scanner.match(/['\\{}]/y);
        if (escaped === undefined) throw new ExpressionSyntaxError("only ' \\ { } can be escaped in a text");
        text += isTemplate && escaped !== "'" ? `\\${escaped}` : escaped;
      } else text += this.#scanner.source[this.#scanner.at++];
    }
  }
}

function parseNumberOrKeyword(word: string): Json {
  try {
    return parseJson(word);
  } catch {
    throw new ExpressionSyntaxError(`'${word}' is no number`);
  }
}
