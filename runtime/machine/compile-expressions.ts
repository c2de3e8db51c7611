import { type Json, type JsonObject, stringifyJson } from '../data/json.ts';
import type { Path, ReferencePath, Template } from '../expressions/expression.ts';
import { expressionText, isExpression } from '../expressions/expression-text.ts';
import { parseIntrinsic } from '../expressions/intrinsics/intrinsic.ts';
import { compileJsonata } from '../expressions/jsonata.ts';
import { parsePath } from '../expressions/jsonpath/path.ts';
import { compilePayloadTemplate } from '../expressions/payload-template.ts';
import { parseReferencePath } from '../expressions/reference-path.ts';
import type { Faults } from './faults.ts';
import type { Dynamic, QueryLanguage } from './machine.ts';

const VARIABLE_NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
const VARIABLE_NAME_LENGTH_MAX = 80;

/**
 * Compiles the expressions of one state. What does not compile is reported, and something inert stands in for it:
 * a definition with faults never becomes a machine.
 */
export class Expressions {
  readonly language: QueryLanguage;
  readonly #location: string;
  readonly #faults: Faults;

  /** @param location of the state */
  constructor(language: QueryLanguage, location: string, faults: Faults) {
    this.language = language;
    this.#location = location;
    this.#faults = faults;
  }

  /** @param field where it stands in the state: `InputPath`, `Catch[0]/Output` */
  path(field: string, source: string): Path {
    const parsed = parsePath(source);
    if (parsed.ok) return parsed.path;
    this.#report(parsed.message, field);
    return NOWHERE;
  }

  referencePath(field: string, source: string): Path & ReferencePath {
    const parsed = parseReferencePath(source);
    if (parsed.ok) return parsed.path;
    this.#report(parsed.message, field);
    return NOWHERE;
  }

  /** Where a result goes: into the state's data, never into the Context Object or a variable. */
  resultPath(field: string, source: string | null | undefined): ReferencePath | null {
    if (source === null) return null;
    const path = this.referencePath(field, source ?? '$');
    if (path !== NOWHERE && /^\$[^.[]/.test(path.source))
      this.#report(
        'Value is not a Reference Path: the Context Object and variables cannot be written to',
        field,
      );
    return path;
  }

  /** A payload template in JSONPath; in JSONata a value with `{% … %}` anywhere inside. */
  template(field: string, source: Json): Template {
    return this.language === 'JSONata' ? this.#jsonata(field, source) : this.#payloadTemplate(field, source);
  }

  optionalTemplate(field: string, source: Json | undefined): Template | undefined {
    return source === undefined ? undefined : this.template(field, source);
  }

  assign(field: string, source: JsonObject | undefined): Template | undefined {
    if (source === undefined) return undefined;
    for (const key of Object.keys(source)) {
      const name = this.language === 'JSONPath' ? key.replace(/\.\$$/, '') : key;
      this.#checkVariableName(name, field);
    }
    return this.template(field, source);
  }

  /** A field that is written out (in JSONata maybe as an expression) or given by a path: `Seconds`, `SecondsPath`. */
  dynamic<T extends Json>(
    field: string,
    literal: T | string | undefined,
    path: string | undefined,
  ): Dynamic<T> | undefined {
    if (path !== undefined) {
      const pathField = `${field}Path`;
      return { kind: 'path', field: pathField, path: this.referencePath(pathField, path) };
    }
    if (literal === undefined) return undefined;
    if (this.language === 'JSONata' && typeof literal === 'string' && isExpression(literal))
      return this.#expression(field, literal);
    return { kind: 'literal', value: literal as T };
  }

  /** Error and Cause: beside a path, ErrorPath and CausePath take an intrinsic function. */
  dynamicText(
    field: string,
    literal: string | undefined,
    path: string | undefined,
  ): Dynamic<string> | undefined {
    if (path === undefined || !path.startsWith('States.')) return this.dynamic<string>(field, literal, path);
    const pathField = `${field}Path`;
    const parsed = parseIntrinsic(path);
    if (!parsed.ok) this.#report(parsed.message, pathField);
    return {
      kind: 'template',
      field: pathField,
      source: path,
      template: parsed.ok ? parsed.template : INERT,
    };
  }

  /** JSONata Items: an expression, or an array that may hold some. */
  items(source: Json): Dynamic<readonly Json[]> {
    if (typeof source === 'string') return this.#expression('Items', source);
    const template = this.#jsonata('Items', source);
    return { kind: 'template', field: 'Items', source: stringifyJson(source), template };
  }

  #expression(field: string, source: string): Extract<Dynamic<never>, { kind: 'template' }> {
    return {
      kind: 'template',
      field,
      source: expressionText(source),
      template: this.#jsonata(field, source),
    };
  }

  #jsonata(field: string, source: Json): Template {
    const compiled = compileJsonata(source, field);
    if (compiled.ok) return compiled.template;
    for (const problem of compiled.problems)
      this.#faults.error(problem.code, problem.message, `${this.#location}/${problem.field}`);
    return INERT;
  }

  #payloadTemplate(field: string, source: Json): Template {
    const compiled = compilePayloadTemplate(source);
    if (compiled.ok) return compiled.template;
    for (const { message } of compiled.problems) this.#report(message, field);
    return INERT;
  }

  #checkVariableName(name: string, field: string): void {
    const location = `${this.#location}/${field}`;
    if (name === 'states') {
      this.#faults.error('RESERVED_VARIABLE_NAME', `Cannot assign to reserved variable '$states'.`, location);
    } else if (!VARIABLE_NAME.test(name)) {
      const message = `Invalid variable name '${name}': the variable name contains invalid characters.`;
      this.#faults.error('INVALID_VARIABLE_NAME', message, location);
    } else if (name.length > VARIABLE_NAME_LENGTH_MAX) {
      const message = `Invalid variable name '${name}': the variable name exceeds ${VARIABLE_NAME_LENGTH_MAX} characters.`;
      this.#faults.error('INVALID_VARIABLE_NAME', message, location);
    }
  }

  #report(message: string, field: string): void {
    this.#faults.schema(message, `${this.#location}/${field}`);
  }
}

const INERT: Template = { evaluate: () => null };

const NOWHERE: Path & ReferencePath = {
  source: '',
  isRoot: false,
  definite: true,
  resolve: () => ({ found: false, message: '', pastEnd: false }),
  write: (target) => target,
};
