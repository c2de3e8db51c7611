import { type Json, stringifyJson } from '../data/json.ts';
import type { Path, ReferencePath, Template } from '../expressions/expression.ts';
import { expressionText, isExpression } from '../expressions/expression-text.ts';
import { parseIntrinsic } from '../expressions/intrinsics/intrinsic.ts';
import { compileJsonata, type StatesMember } from '../expressions/jsonata.ts';
import { parsePath } from '../expressions/jsonpath/path.ts';
import { compilePayloadTemplate } from '../expressions/payload-template.ts';
import { parseReferencePath } from '../expressions/reference-path.ts';
import {
  type ConditionProblem,
  type ConditionSource,
  compileCondition,
} from '../states/choice/compile-condition.ts';
import type { ChoiceCondition } from '../states/choice/condition.ts';
import type { Faults } from './faults.ts';
import type { Dynamic, QueryLanguage, StateType } from './machine.ts';
import type { OutlinedState } from './outline.ts';

/**
 * Compiles the expressions of one state. What does not compile is reported, and something inert stands in for it:
 * a definition with faults never becomes a machine.
 */
export class Expressions {
  readonly #state: OutlinedState;
  readonly #faults: Faults;
  readonly #variables = new Set<string>();

  constructor(state: OutlinedState, faults: Faults) {
    this.#state = state;
    this.#faults = faults;
  }

  get language(): QueryLanguage {
    return this.#state.language;
  }

  /** The names that the expressions refer to, without `$`: of variables and, in JSONata, of functions. */
  get variables(): ReadonlySet<string> {
    return this.#variables;
  }

  /** @param field where it stands in the state: `InputPath`, `Catch[0]/Output` */
  path(field: string, source: string): Path {
    const parsed = parsePath(source);
    if (parsed.ok) return this.#noted(parsed).path;
    this.#report(parsed.message, field);
    return NOWHERE;
  }

  referencePath(field: string, source: string): Path & ReferencePath {
    const parsed = parseReferencePath(source);
    if (parsed.ok) return this.#noted(parsed).path;
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
    return { kind: 'template', field: pathField, source: path, template: this.#intrinsic(pathField, path) };
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

  /** @returns undefined when it has faults, which are reported */
  condition(field: string, rule: ConditionSource): ChoiceCondition | undefined {
    const compiled = compileCondition(rule, this.language, field);
    if (compiled.ok) return this.#noted(compiled).condition;
    this.#reportProblems(compiled.problems);
    return undefined;
  }

  #jsonata(field: string, source: Json): Template {
    const compiled = compileJsonata(source, field, resultsIn(field, this.#state.type));
    if (compiled.ok) return this.#noted(compiled).template;
    this.#reportProblems(compiled.problems);
    return INERT;
  }

  #payloadTemplate(field: string, source: Json): Template {
    const compiled = compilePayloadTemplate(source);
    if (compiled.ok) return this.#noted(compiled).template;
    for (const { message } of compiled.problems) this.#report(message, field);
    return INERT;
  }

  #intrinsic(field: string, source: string): Template {
    const parsed = parseIntrinsic(source);
    if (parsed.ok) return this.#noted(parsed).template;
    this.#report(parsed.message, field);
    return INERT;
  }

  #noted<Compiled extends { readonly variables: readonly string[] }>(compiled: Compiled): Compiled {
    for (const variable of compiled.variables) this.#variables.add(variable);
    return compiled;
  }

  #report(message: string, field: string): void {
    this.#faults.schema(message, `${this.#state.location}/${field}`);
  }

  #reportProblems(problems: readonly ConditionProblem[]): void {
    for (const { code, message, field } of problems)
      this.#faults.error(code, message, `${this.#state.location}/${field}`);
  }
}

/** What `$states` holds in a field besides the input and the context. */
function resultsIn(field: string, type: StateType | undefined): readonly StatesMember[] {
  if (field.startsWith('Catch[')) return ['errorOutput'];
  const hasResult = type === 'Task' || type === 'Parallel' || type === 'Map';
  return hasResult && (field === 'Assign' || field === 'Output') ? ['result'] : [];
}

const INERT: Template = { evaluate: () => null };

const NOWHERE: Path & ReferencePath = {
  source: '',
  isRoot: false,
  definite: true,
  resolve: () => ({ found: false, message: '', pastEnd: false }),
  write: (target) => target,
};
