import { isArray, isObject, type Json, setMember } from '../data/json.ts';
import { StateFailure } from '../failures/failure.ts';
import type { JsonataExpression, JsonataOutcome, JsonataRequest } from './environment.ts';
import type { Template } from './expression.ts';
import { expressionText, isExpression } from './expression-text.ts';
import { compileExpression, evaluateCompiled } from './jsonata/compile.ts';
import { evaluationFailure, undefinedResult, unsupportedResult } from './jsonata/failure.ts';
import { fromJsonata } from './jsonata/values.ts';

export interface JsonataProblem {
  /** Where it stands, as AWS names it: `Output/total`, `Arguments/list[0]`. */
  readonly field: string;
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION';
  readonly message: string;
}

export type CompiledJsonata =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly problems: readonly JsonataProblem[] };

/** What a part of a structure is: itself, the nth expression, or made of such parts. */
type Part =
  | { readonly kind: 'static'; readonly value: Json }
  | { readonly kind: 'expression'; readonly index: number }
  | { readonly kind: 'array'; readonly parts: readonly Part[] }
  | { readonly kind: 'object'; readonly members: readonly { readonly key: string; readonly part: Part }[] };

/**
 * Compiles a JSON value in which texts that are `{% … %}` from the first to the last character are JSONata
 * expressions, at any depth; everything else is taken as it is. Never throws.
 * @param field the name of the field that holds the value: `Output`, `Choices[1]/Condition`
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function compileJsonata(source: Json, field: string): CompiledJsonata {
  const found: Found = { expressions: [], problems: [] };
  const part = compilePart(source, field, found);
  if (found.problems.length > 0) return { ok: false, problems: found.problems };
  if (part.kind === 'static') return { ok: true, template: { evaluate: () => part.value } };
  return { ok: true, template: templateOf(part, found.expressions) };
}

/**
 * Evaluates one expression. Never rejects, and always settles: steps, sizes of values and regular expressions are
 * bounded (see jsonata/meter.ts), so a hostile expression costs a second or two and fails its state.
 */
export async function evaluateJsonata({ expression, environment }: JsonataRequest): Promise<JsonataOutcome> {
  try {
    const result = await evaluateCompiled(compileExpression(expression), environment);
    if (result === undefined) return undefinedResult(expression);
    const value = fromJsonata(result);
    return value === undefined ? unsupportedResult(expression) : { kind: 'value', value };
  } catch (error) {
    return evaluationFailure(expression, error);
  }
}

interface Found {
  readonly expressions: JsonataExpression[];
  readonly problems: JsonataProblem[];
}

function compilePart(source: Json, field: string, found: Found): Part {
  if (typeof source === 'string' && isExpression(source)) return compileText(source, field, found);
  if (isArray(source)) {
    const parts = source.map((item, i) => compilePart(item, `${field}[${i}]`, found));
    return parts.every(isStatic) ? { kind: 'static', value: source } : { kind: 'array', parts };
  }
  if (!isObject(source)) return { kind: 'static', value: source };
  const members = Object.entries(source).map(([key, value]) => ({
    key,
    part: compilePart(value, `${field}/${key}`, found),
  }));
  return members.every(({ part }) => isStatic(part))
    ? { kind: 'static', value: source }
    : { kind: 'object', members };
}

function compileText(text: string, field: string, { expressions, problems }: Found): Part {
  const expression: JsonataExpression = { source: expressionText(text), field };
  try {
    for (const message of compileExpression(expression).references.unsupported) {
      problems.push({ field, code: 'UNSUPPORTED_JSONATA_EXPRESSION', message });
    }
  } catch (error) {
    // jsonata throws plain objects; a RangeError means that the expression is nested too deeply for its parser.
    const { message } = error as { readonly message?: string };
    problems.push({
      field,
      code: 'INVALID_JSONATA_EXPRESSION',
      message: message ?? 'The expression cannot be parsed',
    });
  }
  return { kind: 'expression', index: expressions.push(expression) - 1 };
}

function templateOf(part: Part, expressions: readonly JsonataExpression[]): Template {
  return {
    evaluate: (environment) => {
      const outcomes = environment.jsonata(expressions.map((expression) => ({ expression, environment })));
      return build(part, outcomes.map(valueOrThrow));
    },
  };
}

function valueOrThrow(outcome: JsonataOutcome): Json {
  if (outcome.kind === 'failure') throw new StateFailure(outcome.error, outcome.cause, outcome.location);
  return outcome.value;
}

function build(part: Part, values: readonly Json[]): Json {
  switch (part.kind) {
    case 'static':
      return part.value;
    case 'expression':
      return values[part.index] as Json;
    case 'array':
      return part.parts.map((item) => build(item, values));
    case 'object': {
      const result: Record<string, Json> = {};
      for (const { key, part: member } of part.members) setMember(result, key, build(member, values));
      return result;
    }
  }
}

function isStatic({ kind }: Part): boolean {
  return kind === 'static';
}
