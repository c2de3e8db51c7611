import { type Json, parseJson } from '../../data/json.ts';
import { checkRegex } from '../regex/linear-regex.ts';
import { ExpressionSyntaxError, Scanner } from '../scanner.ts';
import {
  COMPARISON_OPERATORS,
  type ComparisonOperator,
  type Condition,
  type Operand,
  PATH_FUNCTIONS,
  type PathFunctionName,
  type PathRoot,
  type PathSyntax,
  type Segment,
} from './syntax.ts';

/** Filters inside parentheses, negations and further filters: deeper ones are refused. */
const FILTER_NESTING_MAX = 50;

const VARIABLE_NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const INTEGER = /-?\d{1,15}/y;

/** What ends a name after a dot, besides `.`, `[` and `(`. */
const NAME = {
  path: /[^.[(\s]+/y,
  filter: /[^.[(\s)\]=<>!&|~,]+/y,
  argument: /[^.[(\s),]+/y,
} as const;
type Place = keyof typeof NAME;

/** @throws ExpressionSyntaxError */
export function parsePathSyntax(source: string): PathSyntax {
  const parser = new PathParser(new Scanner(source, 0));
  const path = parser.path('path');
  parser.end();
  return path;
}

/**
 * Parses the path that an intrinsic function has for an argument; it ends at a comma, a parenthesis or a blank.
 * @returns the path and the position behind it
 * @throws ExpressionSyntaxError
 */
export function parsePathArgument(source: string, at: number): { path: PathSyntax; end: number } {
  const scanner = new Scanner(source, at);
  const path = new PathParser(scanner).path('argument');
  return { path, end: scanner.at };
}

class PathParser {
  readonly #scanner: Scanner;
  #nesting = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  path(place: Place): PathSyntax {
    return { root: this.#root(), segments: this.#segments(place) };
  }

  end(): void {
    if (!this.#scanner.atEnd) this.#fail();
  }

  #root(): PathRoot {
    this.#scanner.expect('$');
    if (this.#scanner.take('$')) return { kind: 'context' };
    const name = this.#scanner.match(VARIABLE_NAME);
    return name === undefined ? { kind: 'input' } : { kind: 'variable', name };
  }

  #segments(place: Place): Segment[] {
    const segments: Segment[] = [];
    for (;;) {
      if (this.#scanner.take('..')) {
        segments.push(
          { kind: 'descendants' },
          this.#scanner.next === '[' ? this.#bracket() : this.#name(place),
        );
      } else if (this.#scanner.take('.')) segments.push(this.#name(place));
      else if (this.#scanner.next === '[') segments.push(this.#bracket());
      else break;
      if (segments.at(-1)?.kind === 'function') break;
    }
    return segments;
  }

  #name(place: Place): Segment {
    const name = this.#scanner.match(NAME[place]);
    if (name === undefined) this.#fail();
    if (this.#scanner.next === '(') return this.#function(name);
    return name === '*' ? { kind: 'wildcard' } : { kind: 'member', name };
  }

  #function(name: string): Segment {
    this.#scanner.expect('(');
    this.#scanner.blanks();
    this.#scanner.expect(')');
    if (!isPathFunction(name)) throw new ExpressionSyntaxError(`there is no function '${name}'`);
    return { kind: 'function', name };
  }

  #bracket(): Segment {
    this.#scanner.expect('[');
    this.#scanner.blanks();
    const segment = this.#selector();
    this.#scanner.blanks();
    this.#scanner.expect(']');
    return segment;
  }

  #selector(): Segment {
    if (this.#scanner.take('*')) return { kind: 'wildcard' };
    if (this.#scanner.take('?')) return { kind: 'filter', condition: this.#filter() };
    if (this.#scanner.next === "'" || this.#scanner.next === '"') {
      const names = this.#list(() => this.#scanner.quoted());
      return names.length === 1 ? { kind: 'member', name: names[0] as string } : { kind: 'members', names };
    }
    const start = this.#integer();
    this.#scanner.blanks();
    if (this.#scanner.take(':')) return this.#slice(start);
    const indexes = [start, ...this.#rest(() => this.#integer())].map((index) => index ?? this.#fail());
    return indexes.length === 1
      ? { kind: 'index', index: indexes[0] as number }
      : { kind: 'indexes', indexes };
  }

  #slice(start: number | undefined): Segment {
    this.#scanner.blanks();
    const end = this.#integer();
    this.#scanner.blanks();
    const step = this.#scanner.take(':') ? (this.#integer() ?? 1) : 1;
    if (step < 1) throw new ExpressionSyntaxError('the step of a slice must be positive');
    return { kind: 'slice', start, end, step };
  }

  #integer(): number | undefined {
    const digits = this.#scanner.match(INTEGER);
    return digits === undefined ? undefined : Number(digits);
  }

  #list<T>(item: () => T): T[] {
    return [item(), ...this.#rest(item)];
  }

  #rest<T>(item: () => T): T[] {
    const items: T[] = [];
    for (;;) {
      this.#scanner.blanks();
      if (!this.#scanner.take(',')) return items;
      this.#scanner.blanks();
      items.push(item());
    }
  }

  #filter(): Condition {
    this.#scanner.blanks();
    this.#scanner.expect('(');
    const condition = this.#or();
    this.#scanner.expect(')');
    return condition;
  }

  #or(): Condition {
    if (++this.#nesting > FILTER_NESTING_MAX)
      throw new ExpressionSyntaxError('the filter is nested too deeply');
    const conditions = this.#joined('||', () => this.#and());
    this.#nesting--;
    return conditions.length === 1 ? (conditions[0] as Condition) : { kind: 'or', conditions };
  }

  #and(): Condition {
    const conditions = this.#joined('&&', () => this.#not());
    return conditions.length === 1 ? (conditions[0] as Condition) : { kind: 'and', conditions };
  }

  #joined(operator: string, condition: () => Condition): Condition[] {
    const conditions = [condition()];
    for (;;) {
      this.#scanner.blanks();
      if (!this.#scanner.take(operator)) return conditions;
      conditions.push(condition());
    }
  }

  #not(): Condition {
    let negated = false;
    for (this.#scanner.blanks(); this.#scanner.take('!'); this.#scanner.blanks()) negated = !negated;
    const condition = this.#scanner.next === '(' ? this.#filter() : this.#relation();
    return negated ? { kind: 'not', condition } : condition;
  }

  #relation(): Condition {
    const left = this.#operand();
    this.#scanner.blanks();
    if (this.#scanner.take('=~')) return { kind: 'match', operand: left, regex: this.#regex() };
    const operator = this.#operator();
    if (operator === undefined) return { kind: 'exists', operand: left };
    this.#scanner.blanks();
    return { kind: 'comparison', operator, left, right: this.#operand() };
  }

  #operator(): ComparisonOperator | undefined {
    const text = this.#scanner.match(/[=!]==?|[<>]=?|[A-Za-z]+/y);
    if (text === undefined) return undefined;
    const operator = text.length === 3 && text.endsWith('==') ? text.slice(0, 2) : text.toLowerCase();
    return COMPARISON_OPERATORS.find((known) => known === operator) ?? this.#fail();
  }

  #operand(): Operand {
    for (const root of ['@', '$'] as const) {
      if (this.#scanner.take(root)) return { kind: 'path', root, segments: this.#segments('filter') };
    }
    return { kind: 'literal', value: this.#literal() };
  }

  #literal(): Json {
    if (this.#scanner.next === "'" || this.#scanner.next === '"') return this.#scanner.quoted();
    if (this.#scanner.take('[')) return this.#array();
    const word = this.#scanner.match(/[-+.\w]+/y) ?? this.#fail();
    try {
      return parseJson(word);
    } catch {
      throw new ExpressionSyntaxError(`'${word}' is neither a number nor true, false, null`);
    }
  }

  #array(): Json {
    if (++this.#nesting > FILTER_NESTING_MAX)
      throw new ExpressionSyntaxError('the filter is nested too deeply');
    this.#scanner.blanks();
    const items = this.#scanner.next === ']' ? [] : this.#list(() => this.#literal());
    this.#scanner.blanks();
    this.#scanner.expect(']');
    this.#nesting--;
    return items;
  }

  #regex(): RegExp {
    this.#scanner.blanks();
    const literal = this.#scanner.match(/\/(?:[^\\/\n]|\\.)*\/[a-zA-Z]*/y) ?? this.#fail();
    const end = literal.lastIndexOf('/');
    const flags = literal.slice(end + 1);
    if (/[^ims]/.test(flags))
      throw new ExpressionSyntaxError(`'${flags}': a regular expression's flags are i, m and s`);
    try {
      const regex = new RegExp(literal.slice(1, end), flags);
      checkRegex(regex);
      return regex;
    } catch (error) {
      throw new ExpressionSyntaxError((error as SyntaxError).message);
    }
  }

  #fail(): never {
    throw new ExpressionSyntaxError(
      `unexpected '${this.#scanner.next ?? 'end of path'}' at position ${this.#scanner.at}`,
    );
  }
}

function isPathFunction(name: string): name is PathFunctionName {
  return (PATH_FUNCTIONS as readonly string[]).includes(name);
}
